import { step } from '../step.ts';
import { beginRollout, OpenRolloutInput } from './open-rollout.ts';
import { wire } from './wiring.ts';

const { config, ...rest } = wire(process.env);

export const handler = step(OpenRolloutInput, (input) => beginRollout(input, { ...rest, pollSeconds: config.POLL_SECONDS }));
