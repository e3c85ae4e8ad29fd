import { step } from '../step.ts';
import { CloseRolloutInput, closeRollout } from './close-rollout.ts';
import { wire } from './wiring.ts';

const dependencies = wire(process.env);

export const handler = step(CloseRolloutInput, (input) => closeRollout(input, dependencies));
