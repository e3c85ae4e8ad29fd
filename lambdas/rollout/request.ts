import { z } from 'zod';
import { Exposure } from './flags-document.ts';

/** What an operator, or a schedule, asks for: the input of the state machine. */
export const RolloutRequest = z.strictObject({
  /** Such as `4.2`. */
  phase: z.string().max(10),
  /** Of the users. Testers come on top. */
  percent: Exposure.shape.percent.default(100),
  /** Takes the place of the phase's list. Default: the list stays. */
  testers: Exposure.shape.testers.optional(),
  /** Tells gates and changes, and changes nothing. */
  dryRun: z.boolean().default(false),
});
export type RolloutRequest = z.output<typeof RolloutRequest>;

/** What the steps hand on: a rollout that was let begin. */
export const Rollout = z.strictObject({
  /** Null for a dry run, which leaves no record. */
  id: z.uuid().nullable(),
  ...RolloutRequest.shape,
  /** Between two questions how far the deployment is. */
  pollSeconds: z.number().int().min(1),
});
export type Rollout = z.output<typeof Rollout>;
