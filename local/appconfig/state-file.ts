import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { UserError } from '../errors.ts';
import type { Deployment, HostedVersion, Strategy } from './model.ts';

/** What outlives a restart; everything else is in the template. */
export interface State {
  /** Those made by calls. */
  readonly strategies: Strategy[];
  /** Those of the template that calls have changed, by id: what was declared then, and what it is now. */
  readonly changedStrategies: Record<string, { readonly declared: Strategy; readonly now: Strategy }>;
  /** By profile id, ascending. */
  readonly versions: Record<string, HostedVersion[]>;
  /** By environment id, ascending. */
  readonly deployments: Record<string, Deployment[]>;
  /** What became of the template's versions and deployments, by path: the number, and a fingerprint of what was asked for. */
  readonly applied: Record<string, { readonly fingerprint: string; readonly number: number }>;
}

/** @throws {UserError} when the file is there and cannot be read */
export function readState(file: string | undefined): State {
  const empty: State = { strategies: [], changedStrategies: {}, versions: {}, deployments: {}, applied: {} };
  if (file === undefined) return empty;
  let content: string;
  try {
    content = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return empty;
    throw error;
  }
  try {
    return { ...empty, ...(JSON.parse(content) as State) };
  } catch (cause) {
    throw new UserError(`${file} does not hold AppConfig's versions and deployments as JSON; remove the file to go on without them`, {
      cause,
    });
  }
}

/** Replaces the file as a whole, so that a stop in between leaves the old one. */
export function writeState(file: string | undefined, state: State): void {
  if (file === undefined) return;
  mkdirSync(dirname(file), { recursive: true });
  const half = `${file}.tmp`;
  writeFileSync(half, JSON.stringify(state));
  renameSync(half, file);
}
