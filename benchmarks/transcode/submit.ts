import { type Findings, promised } from '../common/promise.ts';
import type { Bench } from './bench.ts';

/** From the object's event to a submitted job: claim, inspection, ladder, plan. Lambdas are warm from the second round on. */
export async function measureSubmit(bench: Bench): Promise<Findings> {
  const file = await bench.clip('submit.mp4', { width: 1_920, height: 1_080, seconds: bench.sizes.submitSeconds });
  const seconds: number[] = [];
  for (let index = 1; index <= bench.rounds; index++) {
    const { createdMs, submittedMs } = await bench.transcode(file);
    seconds.push((submittedMs - createdMs) / 1_000);
    bench.say(`submit ${index}: ${seconds.at(-1)} s`);
  }
  return {
    promised: [promised('submit', "seconds from 'Object Created' to the submitted job", seconds, { atMost: 1.5 })],
    facts: {},
  };
}
