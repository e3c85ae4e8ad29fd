import { step } from '../step.ts';
import { StoreVersionInput, storeVersion } from './store-version.ts';
import { wire } from './wiring.ts';

const dependencies = wire(process.env);

export const handler = step(StoreVersionInput, (input) => storeVersion(input, dependencies));
