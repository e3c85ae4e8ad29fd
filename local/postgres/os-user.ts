import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { NoPostgresUserError } from './errors.ts';

/** The user PostgreSQL's processes run as, as `spawn` takes it; empty for the user of this process. */
export interface OsUser {
  readonly uid?: number;
  readonly gid?: number;
}

/**
 * An ordinary user runs PostgreSQL as itself. Root, which PostgreSQL refuses, runs it as `postgres` (made when missing), else as `nobody`.
 * @throws {NoPostgresUserError}
 */
export function pickOsUser(): OsUser {
  if (process.getuid?.() !== 0) return {};
  const existing = findUser('postgres');
  if (existing !== undefined) return existing;
  const created = spawnSync('useradd', ['--system', '--no-create-home', '--user-group', '--shell', '/usr/sbin/nologin', 'postgres']);
  const user = findUser('postgres') ?? findUser('nobody');
  if (user === undefined) throw new NoPostgresUserError({ cause: created.error ?? created.stderr?.toString() });
  return user;
}

/** Can this user enter the directory? Asked of the system itself, so that ancestors, groups and access lists count. */
export function canEnter(user: OsUser, directory: string): boolean {
  return spawnSync('/bin/sh', ['-c', 'cd "$1" 2>/dev/null', 'sh', directory], { ...user, cwd: '/' }).status === 0;
}

function findUser(name: string): Required<OsUser> | undefined {
  for (const line of readFileSync('/etc/passwd', 'utf8').split('\n')) {
    const [login, , uid, gid] = line.split(':');
    if (login === name && Number(uid) > 0) return { uid: Number(uid), gid: Number(gid) };
  }
  return undefined;
}
