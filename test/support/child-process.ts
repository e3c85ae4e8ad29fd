import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The repository, in which commands run. */
const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Outcome {
  readonly code: number | null;
  /** Everything it wrote, both streams in order. */
  readonly output: string;
}

export interface RunningCommand {
  readonly child: ChildProcess;
  /** Rejects when the command cannot be started. */
  readonly ended: Promise<Outcome>;
  /** Resolves when the output has a line that matches. Rejects when the process ends first. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
}

/** Starts a command in the repository and reads along. */
export function startCommand(
  command: string,
  args: readonly string[],
  options: Pick<SpawnOptions, 'env' | 'timeout' | 'detached'> = {},
): RunningCommand {
  const child = spawn(command, args, { ...options, cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      for (const listener of listeners) listener();
    });
  }
  const ended = new Promise<Outcome>((resolve, reject) => child.once('error', reject).once('close', (code) => resolve({ code, output })));
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
        ended.then(({ code }) => reject(new Error(`ended with ${code} before ${pattern}:\n${output}`)), reject);
      }),
  };
}
