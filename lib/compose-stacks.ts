import { type App, Tags } from 'aws-cdk-lib';
import type { Environment } from '../config/environment.ts';
import { ApiStack } from './api/api-stack.ts';
import { DatabaseStack } from './database/database-stack.ts';
import { DeliveryStack } from './delivery/delivery-stack.ts';
import { EdgeStack } from './delivery/edge-stack.ts';
import { MigrationStack } from './migration/migration-stack.ts';
import { AlertsStack } from './operations/alerts-stack.ts';
import { FlagsStack } from './rollout/flags-stack.ts';
import { RolloutStack } from './rollout/rollout-stack.ts';
import { StorageStack } from './storage/storage-stack.ts';
import { TranscodingStack } from './transcoding/transcoding-stack.ts';

/** All stacks of one environment, each given the constructs it needs from the ones before. */
export function composeStacks(app: App, environment: Environment): void {
  const env = { region: environment.region };
  const stack = (name: string) => ({ env, stackName: `videopick-${environment.name}-${name}`, environment });
  const alerts = new AlertsStack(app, 'Alerts', stack('alerts'));
  const storage = new StorageStack(app, 'Storage', stack('storage'));
  const flags = new FlagsStack(app, 'Flags', stack('flags'));
  const { database } = new DatabaseStack(app, 'Database', stack('database'));
  const edge = new EdgeStack(app, 'Edge', { ...stack('edge'), database });
  const migration = new MigrationStack(app, 'Migration', { ...stack('migration'), database });
  const { daily, reports } = migration;
  const { videos, statics } = storage;
  const transcoding = new TranscodingStack(app, 'Transcoding', { ...stack('transcoding'), database, flags, videos });
  const { api } = new ApiStack(app, 'Api', { ...stack('api'), database, flags, signingKeys: edge.signingKeys, videos });
  const rollout = new RolloutStack(app, 'Rollout', { ...stack('rollout'), database, flags, apiId: api.apiId });
  new DeliveryStack(app, 'Delivery', { ...stack('delivery'), database, edge, api, videos, statics, daily, reports, flags, rollout });
  for (const undelivered of [migration, transcoding, edge, rollout]) undelivered.addStackDependency(alerts);
  Tags.of(app).add('project', 'videopick');
  Tags.of(app).add('environment', environment.name);
}
