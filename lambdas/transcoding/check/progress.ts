import { z } from 'zod';
import { Fault, FaultLog, type Findings } from './fault-log.ts';
import { RungState } from './rung-state.ts';

const Log = z.object({ listed: z.array(Fault), count: z.number().int() });

/** Where a check that ran out of time goes on: a few kilobytes, whatever the video's length. Its content is the check's own business. */
export const CheckProgress = z.object({
  next: z.number().int().min(0),
  states: z.record(z.string(), RungState),
  faults: Log,
  warnings: Log,
});
export type CheckProgress = z.output<typeof CheckProgress>;

export function findingsOf({ faults, warnings }: CheckProgress): Findings {
  return { faults: new FaultLog(faults.listed, faults.count), warnings: new FaultLog(warnings.listed, warnings.count) };
}

export function progressOf(walk: Pick<CheckProgress, 'next' | 'states'>, { faults, warnings }: Findings): CheckProgress {
  const log = ({ listed, count }: FaultLog) => ({ listed: [...listed], count });
  return { next: walk.next, states: { ...walk.states }, faults: log(faults), warnings: log(warnings) };
}
