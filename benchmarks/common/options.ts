import { parseArgs } from 'node:util';
import { UserError } from '../../local/errors.ts';

export interface Options {
  /** One measurement; undefined: all. */
  readonly only: string | undefined;
  readonly rounds: number;
  readonly quick: boolean;
  /** Where the numbers are written as JSON. */
  readonly json: string | undefined;
}

const MIN_ROUNDS = 3;

/** @throws {UserError} that says what was found and what was expected */
export function parseOptions(argv: readonly string[], measurements: readonly string[]): Options {
  const { only, rounds, quick = false, json } = parse(argv);
  if (only !== undefined && !measurements.includes(only))
    throw new UserError(`--only ${only}: no such measurement; expected one of ${measurements.join(', ')}`, { exitCode: 2 });
  const count = rounds === undefined ? (quick ? 1 : MIN_ROUNDS) : Number(rounds);
  if (!Number.isInteger(count) || count < 1)
    throw new UserError(`--rounds ${rounds}: expected a whole number, ${MIN_ROUNDS} or more for numbers to be trusted`, { exitCode: 2 });
  return { only, rounds: count, quick, json };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: { only: { type: 'string' }, rounds: { type: 'string' }, quick: { type: 'boolean' }, json: { type: 'string' } },
    }).values;
  } catch (error) {
    throw new UserError(`${error instanceof Error ? error.message : String(error)}; known: --only NAME, --rounds N, --quick, --json FILE`, {
      exitCode: 2,
      cause: error,
    });
  }
}
