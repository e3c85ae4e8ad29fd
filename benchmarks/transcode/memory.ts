import { paginateGetExecutionHistory, SFNClient } from '@aws-sdk/client-sfn';
import { type Findings, median, promised, round } from '../common/promise.ts';
import type { Bench, Deployed, Transcoded } from './bench.ts';
import { runStep } from './step-run.ts';

const MEGABYTE = 1_048_576;
/** One picture a second would be no video; few of a small size make a long one cheap. */
const CHEAP = { width: 320, height: 180, frameRate: '12' };

/**
 * Whether a step takes more memory for a longer video. Each step that a video passes is given the very input it had, in a process of its own, and its
 * peak is compared: resident memory, so the heap, buffers and what the allocator keeps.
 */
export async function measureMemory(bench: Bench): Promise<Findings> {
  const { short, long } = bench.sizes.memorySeconds;
  const ofShort = await inputsOf(bench, await bench.transcode(await bench.clip('short.mp4', { ...CHEAP, seconds: short })));
  const ofLong = await inputsOf(bench, await bench.transcode(await bench.clip('long.mp4', { ...CHEAP, seconds: long })));
  const growths: number[] = [];
  const facts: Record<string, number> = {};
  for (const step of bench.deployed()) {
    const inputs = { short: ofShort.get(step.name), long: ofLong.get(step.name) };
    if (inputs.short === undefined || inputs.long === undefined) continue;
    const peaks = { short: [] as number[], long: [] as number[] };
    for (let index = 1; index <= bench.rounds; index++) {
      peaks.short.push(await peakOf(step, inputs.short));
      peaks.long.push(await peakOf(step, inputs.long));
    }
    const growth = median(peaks.long) - median(peaks.short);
    growths.push(growth);
    facts[`${step.name} MB at ${short} s`] = round(median(peaks.short));
    facts[`${step.name} MB at ${long} s`] = round(median(peaks.long));
    bench.say(
      `memory ${step.name}: ${peaks.short.map(Math.round).join(' ')} MB at ${short} s, ${peaks.long.map(Math.round).join(' ')} MB at ${long} s`,
    );
  }
  const worst = Math.max(...growths);
  return {
    promised: [
      promised('memory', `MB that the worst step takes more for ${long} s than for ${short} s (medians)`, [worst], { atMost: 20 }),
    ],
    facts,
  };
}

async function peakOf(step: Deployed, inputs: readonly object[]): Promise<number> {
  return (await runStep(step, inputs.map(asNewClaim))).maxRssBytes / MEGABYTE;
}

let claims = 0;

/** Inspecting claims the upload: a repetition needs a version and an execution of its own, or it is a duplicate and looks at nothing. */
function asNewClaim(input: object): object {
  if (!('object' in input)) return input;
  claims += 1;
  return {
    ...input,
    executionArn: `arn:aws:states:ap-northeast-2:123456789012:execution:bench:${claims}`,
    object: { ...(input.object as object), 'version-id': `bench-${claims}` },
  };
}

/** What each Lambda of an execution was called with, by its short name, from the execution's history. */
async function inputsOf({ stack }: Bench, { executionArn }: Transcoded): Promise<ReadonlyMap<string, readonly object[]>> {
  const inputs = new Map<string, object[]>();
  const pages = paginateGetExecutionHistory({ client: stack.client(SFNClient) }, { executionArn });
  for await (const { events = [] } of pages) {
    for (const { taskScheduledEventDetails: details } of events) {
      if (details?.resourceType !== 'lambda') continue;
      const { FunctionName = '', Payload } = JSON.parse(details.parameters ?? '{}') as { FunctionName?: string; Payload: object };
      const name = FunctionName.replace(/^.*videopick-[a-z]+-/, '');
      inputs.set(name, [...(inputs.get(name) ?? []), Payload]);
    }
  }
  return inputs;
}
