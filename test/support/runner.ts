import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type LocalFile, localFileIn } from '../../local/runner/local-file.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Outcome {
  readonly code: number | null;
  /** Everything it wrote, both streams in order. */
  readonly output: string;
}

/** A running `npm start -- …`. */
export interface Runner {
  readonly child: ChildProcess;
  readonly ended: Promise<Outcome>;
  /** Resolves when the output has a line that matches. Rejects when the process ends first. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
}

/** Starts the runner on free ports, as `npm start` does. */
export function startRunner(...args: readonly string[]): Runner {
  return start(process.execPath, ['local/main.ts', '--port', '0', '--database-port', '0', ...args]);
}

/** How to reach the stack that serves from a data directory; other tests have their own. */
export function readLocalFile(dataDir: string): LocalFile {
  return JSON.parse(readFileSync(localFileIn(dataDir), 'utf8')) as LocalFile;
}

/** The command of the README, through npm. */
export function npmStart(...args: readonly string[]): Runner {
  return start('npm', ['start', '--', ...args]);
}

function start(command: string, args: readonly string[]): Runner {
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      for (const listener of listeners) listener();
    });
  }
  const ended = new Promise<Outcome>((resolve) => child.once('close', (code) => resolve({ code, output })));
  return {
    child,
    ended,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(output);
          if (match === null) return;
          listeners.delete(look);
          resolve(match);
        };
        listeners.add(look);
        look();
        void ended.then(({ code }) => reject(new Error(`ended with ${code} before ${pattern}:\n${output}`)));
      }),
  };
}
