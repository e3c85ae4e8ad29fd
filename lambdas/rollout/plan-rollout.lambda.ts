import { step } from '../step.ts';
import { PlanRolloutInput, planRollout } from './plan-rollout.ts';
import { wire } from './wiring.ts';

const dependencies = wire(process.env);

export const handler = step(PlanRolloutInput, (input) => planRollout(input, dependencies));
