import type { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { GatedEnv, TranscodingEnv } from '../../lambdas/transcoding/config.ts';
import type { Database } from '../database/database.ts';
import { LambdaStep } from '../lambda-step.ts';
import type { FlagsStack } from '../rollout/flags-stack.ts';
import { TranscodingSettings } from './transcoding-settings.ts';

/** The state machine's name, for those who look at its executions. */
export const TRANSCODE = 'transcode';

export interface TranscodingStepOptions {
  readonly timeout: Duration;
  /** @default false */
  readonly readsSettings?: boolean;
  /** Whether it asks for the rollout's flags too. @default false */
  readonly readsFlags?: boolean;
  /** Whether it speaks to the database. @default true */
  readonly database?: boolean;
  /** Of the process. @default none */
  readonly nodeOptions?: readonly string[];
}

export interface TranscodingStepsProps {
  readonly database: Database;
  readonly flags: FlagsStack;
}

/** What transcoding's functions have in common: the database, the settings and the flags. */
export class TranscodingSteps extends Construct {
  readonly settings: TranscodingSettings;
  readonly #database: Database;
  readonly #flags: FlagsStack;

  constructor(scope: Construct, id: string, { database, flags }: TranscodingStepsProps) {
    super(scope, id);
    this.#database = database;
    this.#flags = flags;
    this.settings = new TranscodingSettings(this, 'Settings');
  }

  /** A function of transcoding: `inspect-upload` for `lambdas/transcoding/inspect-upload.lambda.ts`. */
  make(
    id: string,
    entry: string,
    { timeout, readsSettings = false, readsFlags = false, database = true, nodeOptions = [] }: TranscodingStepOptions,
  ): LambdaStep {
    const { environment: databaseEnvironment } = this.#database;
    const withSettings = { ...databaseEnvironment, ...this.settings.environmentVariables } satisfies TranscodingEnv;
    const withFlags = { ...withSettings, FLAGS_PATH: this.#flags.environmentVariables.FLAGS_PATH } satisfies GatedEnv;
    const environment = readsFlags ? withFlags : readsSettings ? withSettings : database ? databaseEnvironment : {};
    const step = new LambdaStep(this, id, { entry: `transcoding/${entry}`, environment, timeout, nodeOptions });
    if (database) this.#database.grantDataApi(step);
    if (readsSettings) this.settings.grantRead(step);
    if (readsFlags) this.#flags.grantReadFlags(step);
    return step;
  }
}
