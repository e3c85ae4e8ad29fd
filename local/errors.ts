/**
 * What stops the laptop stack for a reason its user can mend. The runner prints the message alone, without a stack trace.
 * Every message says what was found, what was expected and what to do.
 */
export class UserError extends Error {
  override readonly name: string = 'UserError';
  /** The runner's exit code: 2 for wrong usage or input, 1 for anything else. */
  readonly exitCode: 1 | 2;

  constructor(message: string, { exitCode = 1, cause }: { exitCode?: 1 | 2; cause?: unknown } = {}) {
    super(message, { cause });
    this.exitCode = exitCode;
  }
}

/** A port that another process holds. */
export class PortTakenError extends UserError {
  override readonly name = 'PortTakenError';

  constructor(flag: '--port' | '--database-port', port: number, { cause }: { cause?: unknown } = {}) {
    super(
      `port ${port} on 127.0.0.1 is taken by another process; stop that process, or choose another port with ${flag} N (0 picks a free one)`,
      {
        cause,
      },
    );
  }
}
