import { compareSegments } from './compare-rungs.ts';
import { addSegment, skipSegment } from './continuity.ts';
import type { Findings } from './fault-log.ts';
import { inOrder } from './in-order.ts';
import type { OutputFolder } from './output-folder.ts';
import type { RungFiles } from './read-rungs.ts';
import { newRungState, type RungState } from './rung-state.ts';
import type { SegmentFacts } from './segment-facts.ts';
import { checkSegment } from './segment-rules.ts';

/**
 * Segments read at once, enough to hide S3's time to the first byte. Each holds what its connection buffers, about 0.2 MB, and its reader's
 * 30 KB; none is held whole, so the bound is about 1 MB whatever a segment's size.
 */
const READS_AT_ONCE = 4;

export interface Walk {
  /** The first segment that has not been looked at. */
  readonly next: number;
  readonly done: boolean;
  /** By rung's name. */
  readonly states: Readonly<Record<string, RungState>>;
}

export interface WalkOptions {
  readonly from: Pick<Walk, 'next' | 'states'>;
  readonly hasAudio: boolean;
  readonly framesPerSecond: number;
  /** Asked before each segment but the first. */
  readonly isTimeUp: () => boolean;
}

/** Reads segment after segment, over all rungs in step, until they end or time is up. */
export async function walkSegments(
  folder: OutputFolder,
  rungs: readonly RungFiles[],
  options: WalkOptions,
  findings: Findings,
): Promise<Walk> {
  const { from, hasAudio, framesPerSecond, isTimeUp } = options;
  const count = Math.max(0, ...rungs.map(({ segments }) => segments.length));
  const states = new Map(rungs.map(({ name }) => [name, from.states[name] ?? newRungState()]));
  let next = from.next;

  function* tasks() {
    for (let index = from.next; index < count; index += 1) {
      if (index > from.next && isTimeUp()) return;
      for (const [at, rung] of rungs.entries()) yield { index, rung, isLastRung: at === rungs.length - 1 };
    }
  }
  let together = new Map<string, SegmentFacts>();
  const reads = inOrder(tasks(), READS_AT_ONCE, async ({ index, rung }) => {
    const file = rung.segments[index]?.file;
    return file === undefined ? undefined : await folder.readSegment(file);
  });
  for await (const { item, result: facts } of reads) {
    const { index, rung, isLastRung } = item;
    const place = rung.segments[index];
    const state = states.get(rung.name) ?? newRungState();
    if (place !== undefined) {
      if (place.file === undefined) states.set(rung.name, skipSegment(state));
      else if (facts === undefined) {
        findings.faults.add(2, place.file, 'missing', 'the segment that was listed');
        states.set(rung.name, skipSegment(state));
      } else {
        const isLast = index === rung.segments.length - 1;
        checkSegment(facts, { file: place.file, isFirst: index === 0, isLast, hasAudio }, findings);
        states.set(rung.name, addSegment(state, facts, place.file, rung.segments[index - 1]?.segment, findings));
        together.set(place.file, facts);
      }
    }
    if (!isLastRung) continue;
    const frameTicks = states.get(rungs[0]?.name ?? '')?.frameTicks ?? 90_000 / framesPerSecond;
    compareSegments(together, frameTicks, findings);
    together = new Map();
    next = index + 1;
  }
  return { next, done: next >= count, states: Object.fromEntries(states) };
}
