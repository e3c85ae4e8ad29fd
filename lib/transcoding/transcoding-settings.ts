import type { Construct } from 'constructs';
import { TranscodingSettings as Settings } from '../../lambdas/transcoding/settings.ts';
import { EnvironmentStack } from '../environment-stack.ts';
import { SettingsProfile } from '../settings-profile.ts';

/** The settings that an operator changes while uploads come in: profile `transcoding-settings`, first version `transcoding.settings`. */
export class TranscodingSettings extends SettingsProfile {
  constructor(scope: Construct, id: string) {
    const { name, transcoding } = EnvironmentStack.of(scope).environmentConfig;
    super(scope, id, {
      name: 'transcoding-settings',
      applicationName: `videopick-${name}-transcoding`,
      strategyName: 'transcoding-at-once',
      schema: Settings,
      initial: transcoding.settings,
    });
  }
}
