import type { Construct } from 'constructs';
import { Settings } from '../../lambdas/migration/settings.ts';
import { EnvironmentStack } from '../environment-stack.ts';
import { SettingsProfile } from '../settings-profile.ts';

/** The settings that an operator changes while the migration runs: profile `migration-settings`, first version `migration.settings`. */
export class MigrationSettings extends SettingsProfile {
  constructor(scope: Construct, id: string) {
    const { name, migration } = EnvironmentStack.of(scope).environmentConfig;
    super(scope, id, {
      name: 'migration-settings',
      applicationName: `videopick-${name}`,
      strategyName: 'all-at-once',
      schema: Settings,
      initial: migration.settings,
    });
  }
}
