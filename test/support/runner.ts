import { readFileSync } from 'node:fs';
import { type LocalFile, localFileIn } from '../../local/runner/local-file.ts';
import { type RunningCommand, startCommand } from './child-process.ts';

/** A running `npm start -- …`. */
export type Runner = RunningCommand;

/** Starts the runner on free ports, as `npm start` does. */
export function startRunner(...args: readonly string[]): Runner {
  return startCommand(process.execPath, ['local/main.ts', '--port', '0', '--database-port', '0', ...args]);
}

/** How to reach the stack that serves from a data directory; other tests have their own. */
export function readLocalFile(dataDir: string): LocalFile {
  return JSON.parse(readFileSync(localFileIn(dataDir), 'utf8')) as LocalFile;
}

/** The command of the README, through npm. */
export function npmStart(...args: readonly string[]): Runner {
  return startCommand('npm', ['start', '--', ...args]);
}
