import type { Strategy } from './model.ts';

const predefined = (
  id: string,
  growth: Pick<Strategy, 'DeploymentDurationInMinutes' | 'GrowthType' | 'GrowthFactor' | 'FinalBakeTimeInMinutes'>,
): Strategy => ({ Id: id, Name: id, ReplicateTo: 'NONE', ...growth });

/** Those that every account has. Source: AppConfig user guide, predefined deployment strategies. */
export const PREDEFINED_STRATEGIES: readonly Strategy[] = [
  predefined('AppConfig.AllAtOnce', {
    DeploymentDurationInMinutes: 0,
    GrowthType: 'LINEAR',
    GrowthFactor: 100,
    FinalBakeTimeInMinutes: 10,
  }),
  predefined('AppConfig.Linear50PercentEvery30Seconds', {
    DeploymentDurationInMinutes: 1,
    GrowthType: 'LINEAR',
    GrowthFactor: 50,
    FinalBakeTimeInMinutes: 1,
  }),
  predefined('AppConfig.Canary10Percent20Minutes', {
    DeploymentDurationInMinutes: 20,
    GrowthType: 'EXPONENTIAL',
    GrowthFactor: 10,
    FinalBakeTimeInMinutes: 10,
  }),
  predefined('AppConfig.Linear20PercentEvery6Minutes', {
    DeploymentDurationInMinutes: 30,
    GrowthType: 'LINEAR',
    GrowthFactor: 20,
    FinalBakeTimeInMinutes: 30,
  }),
];
