import { expect, it } from 'vitest';
import { handOver } from '../../local/runner/hand-over.ts';

function job() {
  const interrupted = new AbortController();
  const cleanups = new AsyncDisposableStack();
  const done: string[] = [];
  return { cleanups, interrupted, done, within: { cleanups, signal: interrupted.signal } };
}

it('gives what has started, and the clean-ups end it in reverse order', async () => {
  const { cleanups, done, within } = job();
  for (const name of ['first', 'second']) {
    const end = (started: string) => void done.push(`${started} ended`);
    expect(await handOver(within, async () => name, end)).toBe(name);
  }
  await cleanups.disposeAsync();
  expect(done).toEqual(['second ended', 'first ended']);
});

it('ends what is still starting when the job is interrupted, before what it stands on is ended', async () => {
  const { cleanups, interrupted, done, within } = job();
  cleanups.defer(() => void done.push('directory released'));
  const server = Promise.withResolvers<string>();
  const starting = handOver(
    within,
    () => server.promise,
    async (started) => void done.push(`${started} ended`),
  );
  interrupted.abort(new Error('interrupted'));
  const disposed = cleanups.disposeAsync();
  expect(done).toEqual([]);
  server.resolve('server');
  await expect(starting).rejects.toThrow('interrupted');
  await disposed;
  expect(done).toEqual(['server ended', 'directory released']);
});

it('starts nothing any more when the job was interrupted', async () => {
  const { cleanups, interrupted, done, within } = job();
  interrupted.abort(new Error('interrupted'));
  await cleanups.disposeAsync();
  const start = async () => void done.push('started');
  await expect(handOver(within, start, () => {})).rejects.toThrow('interrupted');
  expect(done).toEqual([]);
});

it('tells why something did not start, and has nothing to end then', async () => {
  const { cleanups, done, within } = job();
  const start = () => Promise.reject(new Error('no disk'));
  await expect(handOver(within, start, () => void done.push('ended'))).rejects.toThrow('no disk');
  await cleanups.disposeAsync();
  expect(done).toEqual([]);
});
