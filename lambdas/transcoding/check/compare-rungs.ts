import { isSameFormat, showFormat } from './adts.ts';
import type { Findings } from './fault-log.ts';
import { measuredRate, measuredSeconds, type PromisedStream } from './rung-rules.ts';
import type { RungState } from './rung-state.ts';
import type { SegmentFacts } from './segment-facts.ts';
import { showSeconds, ticksBetween } from './ticks.ts';

/** The same segment of all rungs, by file: checks 15 and 19. */
export function compareSegments(segments: ReadonlyMap<string, SegmentFacts>, frameTicks: number, { faults }: Findings): void {
  const [first, ...others] = [...segments].flatMap(([file, { video }]) => (video === undefined ? [] : [{ file, video }]));
  if (first === undefined) return;
  for (const { file, video } of others) {
    const start = ticksBetween(first.video.lowestPts, video.lowestPts);
    if (Math.abs(start) > frameTicks / 2) faults.add(15, file, `begins ${showSeconds(start)} after ${first.file}`, 'at the same time');
    if (video.firstIdrPts === undefined || first.video.firstIdrPts === undefined) continue;
    const idr = ticksBetween(first.video.firstIdrPts, video.firstIdrPts);
    if (Math.abs(idr) > frameTicks / 2)
      faults.add(19, file, `its first IDR ${showSeconds(idr)} after that of ${first.file}`, 'at the same time');
  }
}

/** All rungs at their end, by file: checks 16, 38 and 48. */
export function compareRungs(rungs: ReadonlyMap<string, RungState>, promised: PromisedStream, { faults }: Findings): void {
  const [first, ...others] = [...rungs].filter(([, { video }]) => video !== null);
  if (first === undefined) return;
  const [reference, one] = first;
  for (const [file, other] of others) {
    const seconds = measuredSeconds(other, promised);
    const expected = measuredSeconds(one, promised);
    if (Math.abs(seconds - expected) > 1 / measuredRate(one, promised)) {
      faults.add(16, file, `${seconds.toFixed(3)} s of pictures`, `${expected.toFixed(3)} s as in ${reference}`);
    }
    if (Math.abs(other.frames - one.frames) > 1) faults.add(48, file, `${other.frames} pictures`, `${one.frames} as in ${reference}`);
    const formats = [one.audio?.format, other.audio?.format];
    if (formats[0] && formats[1] && !isSameFormat(formats[0], formats[1])) {
      faults.add(38, file, showFormat(formats[1]), `${showFormat(formats[0])} as in ${reference}`);
    }
  }
}
