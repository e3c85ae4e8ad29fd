import { type ChildProcess, spawn } from 'node:child_process';
import type { DirectoryView } from './cluster-directory.ts';
import type { OsUser } from './os-user.ts';

/**
 * Runs a program that ends when its starter ends, even by kill -9. The shell between the two reads a pipe that only the starter holds; when
 * it closes, the shell interrupts the program, which PostgreSQL takes as a fast and clean shutdown. `exec 3<&0` because the shell gives
 * background jobs an empty input.
 */
const SCRIPT = `
exec 3<&0
"$@" </dev/null 3<&- & program=$!
trap '' INT TERM HUP
( exec >/dev/null 2>&1; read -r _ <&3; kill -INT $program ) & watch=$!
exec 3<&- <&-
wait $program; code=$?
kill $watch 2>/dev/null
exit $code
`;

/** Starts the program in a session of its own, so that Ctrl-C in the terminal reaches the starter alone. End its `stdin` to stop it. */
export function spawnSupervised(
  program: string,
  parameters: readonly string[],
  { user, view }: { user: OsUser; view: DirectoryView },
): ChildProcess {
  return spawn('/bin/sh', ['-c', SCRIPT, 'sh', program, ...parameters], {
    ...user,
    cwd: view.cwd,
    detached: true,
    env: { LC_ALL: 'C', TZ: 'UTC', PATH: process.env.PATH },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}
