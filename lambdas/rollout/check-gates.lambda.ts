import { step } from '../step.ts';
import { CheckGatesInput, checkGates } from './check-gates.ts';
import { wire } from './wiring.ts';

const { config, ...rest } = wire(process.env);

export const handler = step(CheckGatesInput, (input) =>
  checkGates(input, { ...rest, thresholds: config.THRESHOLDS, alarmNames: config.ALARM_NAMES }),
);
