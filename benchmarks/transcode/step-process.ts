/** A Lambda in a process of its own, as the service has it: loads a bundle and answers events. Started by step-run.ts, with the Lambda's environment. */
import { existsSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { StepReply, StepRequest } from './step-run.ts';

const DEADLINE_MS = 900_000;

process.once('message', async ({ bundle, events }: StepRequest) => {
  const answer: StepReply = await run(bundle, events).catch((error: unknown) => ({
    error: error instanceof Error ? (error.stack ?? error.message) : String(error),
  }));
  process.send?.(answer, () => process.exit());
});

async function run(bundle: string, events: readonly unknown[]): Promise<StepReply> {
  const startedMs = performance.now();
  const { handler } = (await import(pathToFileURL(bundle).href)) as { handler: (event: unknown, context: object) => Promise<unknown> };
  const importMs = performance.now() - startedMs;
  for (const [index, event] of events.entries()) {
    const deadline = Date.now() + DEADLINE_MS;
    await handler(event, {
      awsRequestId: `request-${index}`,
      functionName: 'bench',
      getRemainingTimeInMillis: () => deadline - Date.now(),
    });
  }
  return { importMs, maxRssBytes: peakBytes() };
}

/** Of this program: `maxRSS` would begin with what the process had before it became this program, which is its parent's. */
function peakBytes(): number {
  const status = '/proc/self/status';
  const kilobytes = existsSync(status) ? /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(status, 'utf8'))?.[1] : undefined;
  return (kilobytes === undefined ? process.resourceUsage().maxRSS : Number(kilobytes)) * 1_024;
}
