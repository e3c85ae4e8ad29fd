import { z } from 'zod';

/** A deployment strategy as templates and CreateDeploymentStrategy give it. Source: the API model. */
export const StrategyProperties = z.strictObject({
  Name: z.string().min(1).max(64),
  Description: z.string().max(1024).optional(),
  DeploymentDurationInMinutes: z.number().int().min(0).max(1440),
  GrowthType: z.enum(['LINEAR', 'EXPONENTIAL']).default('LINEAR'),
  GrowthFactor: z.number().min(1).max(100),
  FinalBakeTimeInMinutes: z.number().int().min(0).max(1440).default(0),
  ReplicateTo: z.literal('NONE').default('NONE'),
  Tags: z.unknown().optional(),
});

const { Description, DeploymentDurationInMinutes, GrowthType, GrowthFactor, FinalBakeTimeInMinutes } = StrategyProperties.shape;

/** What UpdateDeploymentStrategy changes; what it does not name stays. Source: the API model. */
export const StrategyChange = z.strictObject({
  Description,
  DeploymentDurationInMinutes: DeploymentDurationInMinutes.optional(),
  GrowthType: GrowthType.unwrap().optional(),
  GrowthFactor: GrowthFactor.optional(),
  FinalBakeTimeInMinutes: FinalBakeTimeInMinutes.unwrap().optional(),
});
export type StrategyChange = z.output<typeof StrategyChange>;
