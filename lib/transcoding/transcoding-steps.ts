import type { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { TranscodingEnv } from '../../lambdas/transcoding/config.ts';
import type { Database } from '../database/database.ts';
import { LambdaStep } from '../lambda-step.ts';
import { TranscodingSettings } from './transcoding-settings.ts';

/** The state machine's name, for those who look at its executions. */
export const TRANSCODE = 'transcode';

export interface TranscodingStepOptions {
  readonly timeout: Duration;
  /** @default false */
  readonly readsSettings?: boolean;
  /** Whether it speaks to the database. @default true */
  readonly database?: boolean;
}

/** What transcoding's functions have in common: the database and the settings. */
export class TranscodingSteps extends Construct {
  readonly settings: TranscodingSettings;
  readonly #database: Database;

  constructor(scope: Construct, id: string, { database }: { readonly database: Database }) {
    super(scope, id);
    this.#database = database;
    this.settings = new TranscodingSettings(this, 'Settings');
  }

  /** A function of transcoding: `inspect-upload` for `lambdas/transcoding/inspect-upload.lambda.ts`. */
  make(id: string, entry: string, { timeout, readsSettings = false, database = true }: TranscodingStepOptions): LambdaStep {
    const { environment: databaseEnvironment } = this.#database;
    const withSettings = { ...databaseEnvironment, ...this.settings.environmentVariables } satisfies TranscodingEnv;
    const environment = readsSettings ? withSettings : database ? databaseEnvironment : {};
    const step = new LambdaStep(this, id, { entry: `transcoding/${entry}`, environment, timeout });
    if (database) this.#database.grantDataApi(step);
    if (readsSettings) this.settings.grantRead(step);
    return step;
  }
}
