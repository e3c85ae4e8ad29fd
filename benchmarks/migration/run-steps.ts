import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Day, DayRequest } from './migration-day.ts';

const program = fileURLToPath(new URL('step-process.ts', import.meta.url));

/** Runs the steps of a day in a process of their own, which ends with it. */
export async function runSteps(request: DayRequest): Promise<Day> {
  const child = fork(program);
  const stop = () => child.kill();
  process.once('exit', stop);
  child.once('exit', () => process.off('exit', stop));
  child.send(request);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the process of the steps ended with ${code} before it answered`)));
    child.once('message', ({ day, error }: { day?: Day; error?: string }) => {
      if (day !== undefined) resolve(day);
      else reject(new Error(`a step failed: ${error}`));
    });
  });
}
