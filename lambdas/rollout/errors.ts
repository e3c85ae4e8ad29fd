/** There is no such phase. Never retried: an operator's input. */
export class UnknownPhaseError extends Error {
  override readonly name = 'UnknownPhaseError';
  constructor(phase: string, known: readonly string[]) {
    super(`there is no phase "${phase}"; choose one of ${known.join(', ')}`);
  }
}

/** A phase before is not open to everybody yet. Never retried. */
export class SkippedPhaseError extends Error {
  override readonly name = 'SkippedPhaseError';
  constructor(phase: string, before: string, percent: number | null) {
    const found = percent === null ? 'off' : `open to ${percent} %`;
    super(`phase ${phase} comes after phase ${before}, which is ${found}; expected 100 %. Roll out ${before} first`);
  }
}

/** What is asked for is so already, or would take something away. Never retried. */
export class PhaseAlreadyOnError extends Error {
  override readonly name = 'PhaseAlreadyOnError';
  constructor(phase: string, open: number, percent: number) {
    super(
      `phase ${phase} is open to ${open} % already, asked for were ${percent} %; a rollout only ever adds users: ` +
        'ask for more, go on with the next phase, or take it back by hand (docs/runbook.md#take-a-phase-back)',
    );
  }
}

/** Another rollout, or another deployment to the same environment, is at work. Nothing was changed. */
export class RolloutInProgressError extends Error {
  override readonly name = 'RolloutInProgressError';
  constructor(what: string) {
    super(`${what} is at work, and only one may be; wait for it, or stop it: the next rollout takes over from one that has ended`);
  }
}

/** The execution has had its rollout, which is closed. Never retried: start a new execution. */
export class RolloutClosedError extends Error {
  override readonly name = 'RolloutClosedError';
  constructor(executionArn: string) {
    super(`execution ${executionArn} has had its rollout, which is closed; start a new execution for another`);
  }
}

/** Somebody else has stored a version of the profile since the rollout was planned. This one is not stored. Never retried: the plan is out of date. */
export class VersionConflictError extends Error {
  override readonly name = 'VersionConflictError';
  constructor({ profile, planned, found }: { profile: string; planned: number; found: number }, options?: ErrorOptions) {
    super(
      `the newest version of AppConfig's profile ${profile} is ${found}, the rollout was planned after version ${planned}: somebody else has ` +
        'stored one meanwhile, and nothing was written over it; see that they are done, then start the phase again',
      options,
    );
  }
}

/** The flags' document does not fit, by our check or by AppConfig's. Nothing is deployed. */
export class FlagsRefusedError extends Error {
  override readonly name = 'FlagsRefusedError';
  constructor(problem: string, options?: ErrorOptions) {
    super(`the flags' document is refused: ${problem}; mend it in AppConfig's profile feature-flags, deploy it, and start again`, options);
  }
}
