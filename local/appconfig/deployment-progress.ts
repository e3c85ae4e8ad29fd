import type { Deployment, Strategy } from './model.ts';

const MINUTE_MS = 60_000;

export type DeploymentState = 'DEPLOYING' | 'BAKING' | 'COMPLETE' | 'ROLLED_BACK' | 'REVERTED';

export interface DeploymentEvent {
  readonly EventType: string;
  readonly TriggeredBy: 'USER' | 'APPCONFIG' | 'CLOUDWATCH_ALARM';
  readonly Description: string;
  readonly ActionInvocations: readonly never[];
  /** ISO 8601. */
  readonly OccurredAt: string;
}

export interface DeploymentProgress {
  readonly state: DeploymentState;
  /** Of the targets that are offered the new version; after a rollback what it had been. */
  readonly percentage: number;
  readonly completedAtMs?: number | undefined;
  /** Newest first. */
  readonly events: readonly DeploymentEvent[];
}

/**
 * Where a deployment stands at a time: it follows from when it started, its strategy, and whether it was stopped. A linear one offers its
 * factor at once and once more after each equal part of the duration; then it bakes. Source: AppConfig API, UpdateDeploymentStrategy.
 */
export function deploymentProgress({ strategy, startedAtMs, stopped }: Deployment, nowMs: number): DeploymentProgress {
  const steps = growthSteps(strategy);
  const durationMs = strategy.DeploymentDurationInMinutes * MINUTE_MS;
  const grownAtMs = startedAtMs + durationMs;
  const completedAtMs = grownAtMs + strategy.FinalBakeTimeInMinutes * MINUTE_MS;
  const untilMs = Math.min(nowMs, stopped?.atMs ?? nowMs);
  const reached = steps.filter((_, step) => startedAtMs + (durationMs * step) / steps.length <= untilMs);

  const events = [event('DEPLOYMENT_STARTED', 'USER', 'Deployment started', startedAtMs)];
  for (const [step, percentage] of reached.entries()) {
    const description = `Configuration available to ${percentage.toFixed(2)}% of clients`;
    events.unshift(event('PERCENTAGE_UPDATED', 'APPCONFIG', description, startedAtMs + (durationMs * step) / steps.length));
  }
  if (grownAtMs <= untilMs) events.unshift(event('BAKE_TIME_STARTED', 'APPCONFIG', 'Deployment bake time started', grownAtMs));
  const completed = completedAtMs <= untilMs;
  if (completed) events.unshift(event('DEPLOYMENT_COMPLETED', 'APPCONFIG', 'Deployment completed', completedAtMs));
  if (stopped?.state === 'ROLLED_BACK') {
    const { alarmArn } = stopped;
    events.unshift(
      alarmArn === undefined
        ? event('ROLLBACK_STARTED', 'USER', 'Rollback started', stopped.atMs)
        : event('ROLLBACK_STARTED', 'CLOUDWATCH_ALARM', `Rollback started by the alarm ${alarmArn}`, stopped.atMs),
    );
    events.unshift(event('ROLLBACK_COMPLETED', 'APPCONFIG', 'Rollback completed', stopped.atMs));
  }
  if (stopped?.state === 'REVERTED') events.unshift(event('REVERT_COMPLETED', 'USER', 'Revert completed', stopped.atMs));

  return {
    state: stopped?.state ?? (completed ? 'COMPLETE' : grownAtMs <= untilMs ? 'BAKING' : 'DEPLOYING'),
    percentage: reached.at(-1) ?? 0,
    completedAtMs: completed ? completedAtMs : stopped?.atMs,
    events,
  };
}

/** The percentages a deployment goes through, ending in 100. */
function growthSteps({ GrowthType: type, GrowthFactor: factor }: Strategy): readonly number[] {
  const steps: number[] = [];
  while ((steps.at(-1) ?? 0) < 100) steps.push(Math.min(100, type === 'LINEAR' ? factor * (steps.length + 1) : factor * 2 ** steps.length));
  return steps;
}

function event(type: string, triggeredBy: DeploymentEvent['TriggeredBy'], description: string, atMs: number): DeploymentEvent {
  const occurredAt = new Date(atMs).toISOString();
  return { EventType: type, TriggeredBy: triggeredBy, Description: description, ActionInvocations: [], OccurredAt: occurredAt };
}
