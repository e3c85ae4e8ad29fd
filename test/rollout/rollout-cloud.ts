import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppConfigClient } from '@aws-sdk/client-appconfig';
import { App } from 'aws-cdk-lib';
import { readEnvironment } from '../../config/index.ts';
import { CheckGatesInput, checkGates } from '../../lambdas/rollout/check-gates.ts';
import { CloseRolloutInput, closeRollout } from '../../lambdas/rollout/close-rollout.ts';
import { flagsDocument, INITIAL_STATES, parseFlagsDocument } from '../../lambdas/rollout/flags-document.ts';
import { HostedProfiles } from '../../lambdas/rollout/hosted-profiles.ts';
import { beginRollout, OpenRolloutInput } from '../../lambdas/rollout/open-rollout.ts';
import type { ThresholdOverrides } from '../../lambdas/rollout/phases.ts';
import { PlanRolloutInput, planRollout } from '../../lambdas/rollout/plan-rollout.ts';
import { FLAGS_PROFILE, NOTICES_PROFILE } from '../../lambdas/rollout/profile-paths.ts';
import { ReleaseRolloutInput, releaseRollout } from '../../lambdas/rollout/release-rollout.ts';
import type { RolloutMessage } from '../../lambdas/rollout/rollout-message.ts';
import { StoreVersionInput, storeVersion } from '../../lambdas/rollout/store-version.ts';
import { parseInput } from '../../lambdas/step.ts';
import { DatabaseStack } from '../../lib/database/database-stack.ts';
import { FlagsStack } from '../../lib/rollout/flags-stack.ts';
import { RolloutStack } from '../../lib/rollout/rollout-stack.ts';
import { AppConfig } from '../../local/appconfig/app-config.ts';
import { readAssembly } from '../../local/assembly/read-assembly.ts';
import { Specs } from '../../local/cloud/specs.ts';
import { type TaskServices, taskHandlers } from '../../local/cloud/tasks.ts';
import { CloudWatch } from '../../local/cloudwatch/cloudwatch.ts';
import { AwsError } from '../../local/gateway/aws-error.ts';
import { Gateway } from '../../local/gateway/gateway.ts';
import type { PublishedMessage } from '../../local/sns/outbox.ts';
import { Sns } from '../../local/sns/sns.ts';
import { executionStatusChangeEvent } from '../../local/step-functions/describe-execution.ts';
import { StepFunctions } from '../../local/step-functions/step-functions.ts';
import type { MigrationDatabase } from '../support/migration-database.ts';

const FORCED_ALARM = 'videopick-dev-rollout-api-faults';

/** The stacks of the rollout as they are synthesized, with their references resolved. Call `remove` in `afterAll`. */
export function synthesizeRollout() {
  const folder = mkdtempSync(join(tmpdir(), 'videopick-rollout-'));
  const { context } = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8')) as { context: Record<string, unknown> };
  const app = new App({ outdir: folder, context });
  const environment = readEnvironment('dev');
  const stack = (name: string) => ({ env: { region: environment.region }, stackName: `videopick-dev-${name}`, environment });
  const flags = new FlagsStack(app, 'Flags', stack('flags'));
  const { database } = new DatabaseStack(app, 'Database', stack('database'));
  new RolloutStack(app, 'Rollout', { ...stack('rollout'), database, flags, apiId: 'api1234567' });
  app.synth();
  return { assembly: readAssembly(folder), remove: () => rmSync(folder, { recursive: true, force: true }) };
}
type Assembly = ReturnType<typeof synthesizeRollout>['assembly'];

export interface RolloutCloudOptions {
  readonly database: MigrationDatabase;
  readonly assembly: Assembly;
  /** Called at every question how far a deployment is, after the clock went on. */
  readonly onQuestion?: (cloud: { readonly alarm: (state: string) => void; readonly question: number }) => void | Promise<void>;
  /** Called before each step, by the name of its function, which dies when it throws. */
  readonly onStep?: (name: string) => void | Promise<void>;
  /** Called before each message to the hotline of a released rollout; the message is lost when it throws. */
  readonly onTelling?: () => void | Promise<void>;
}

/** The synthesized machine on the laptop's Step Functions, AppConfig, CloudWatch and SNS, its steps on real Postgres. Waits take no time. */
export async function startRolloutCloud({
  database,
  assembly,
  onQuestion = () => {},
  onStep = () => {},
  onTelling = () => {},
}: RolloutCloudOptions) {
  const specs = new Specs(assembly);
  const outbox = mkdtempSync(join(tmpdir(), 'videopick-outbox-'));
  let nowMs = Date.now();
  let questions = 0;
  let fault: 'document' | 'notice' | 'answer' | 'question' | undefined;
  let thresholds: ThresholdOverrides = { minPreviousPhaseDays: 0, minUploadsPerDay: 0 };
  const appConfig = new AppConfig({ resources: assembly.resources, clock: () => nowMs });
  const gateway = new Gateway({
    services: new Map([['appconfig', appConfig]]),
    web: (_request, response) => void response.writeHead(404).end(),
    onError: () => {},
  });
  const endpoint = await gateway.listen(0);
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = new AppConfigClient({ endpoint, region: assembly.placement.region, credentials, maxAttempts: 1 });

  const messages: PublishedMessage[] = [];
  const topicArns = specs.resources('AWS::SNS::Topic').map(({ ref }) => ref);
  const sns = new Sns({ topicArns, outbox, onPublished: (message) => messages.push(message) });
  const cloudWatch = new CloudWatch({ ...assembly.placement, resources: assembly.resources, publish: () => {} });
  cloudWatch.onAlarm((change) => appConfig.alarmChanged(change));
  cloudWatch.evaluate();
  const alarm = (StateValue: string) =>
    void cloudWatch.setAlarmState({ AlarmName: FORCED_ALARM, StateValue, StateReason: 'forced by the test' });

  const environment = specs.functions().find(({ name }) => name.endsWith('open-rollout'))?.environment ?? {};
  const profiles = {
    flags: { id: environment.FLAGS_PROFILE_ID ?? '', name: FLAGS_PROFILE },
    notices: { id: environment.NOTICES_PROFILE_ID ?? '', name: NOTICES_PROFILE },
  };
  const hosted = new HostedProfiles(client, {
    applicationId: environment.APPLICATION_ID ?? '',
    environmentId: environment.ENVIRONMENT_ID ?? '',
  });
  const alarmNames = JSON.parse(environment.ALARM_NAMES ?? '[]') as string[];
  const told: RolloutMessage[] = [];
  const tellHotline = async (message: RolloutMessage) => {
    await onTelling();
    told.push(message);
  };
  const { db } = database;
  const isRunning = async (arn: string) => {
    try {
      return stepFunctions.describeExecution(arn).status === 'RUNNING';
    } catch {
      return false;
    }
  };
  const shared = { db, hosted, profiles };
  const steps: Readonly<Record<string, (payload: unknown) => Promise<unknown>>> = {
    'open-rollout': (payload) => beginRollout(parseInput(OpenRolloutInput, payload), { ...shared, isRunning, pollSeconds: 1 }),
    'check-gates': (payload) => checkGates(parseInput(CheckGatesInput, payload), { db, thresholds, alarmNames, now: () => new Date() }),
    'plan-rollout': (payload) => planRollout(parseInput(PlanRolloutInput, payload), shared),
    'store-version': (payload) => storeVersion(parseInput(StoreVersionInput, payload), shared),
    'close-rollout': (payload) => closeRollout(parseInput(CloseRolloutInput, payload), shared),
  };
  const called: string[] = [];
  const lambda = {
    invoke: async (arn: string, payload: unknown) => {
      const name = arn.replace(/^.*:videopick-dev-/, '');
      called.push(name);
      try {
        await onStep(name);
        return { payload: JSON.parse(JSON.stringify(await steps[name]?.(payload))) };
      } catch (error) {
        const { name: errorType, message: errorMessage } = error as Error;
        return { functionError: 'Unhandled', payload: { errorType, errorMessage, trace: [] } };
      }
    },
  };
  const tasks = taskHandlers({
    lambda,
    mediaConvert: {},
    cloudWatch,
    sns,
    appConfig: {
      startDeployment: (input: unknown) => {
        const { ConfigurationProfileId } = input as { ConfigurationProfileId: string };
        const isNotice = ConfigurationProfileId === profiles.notices.id;
        if (fault === 'document' && !isNotice) throw new AwsError('BadRequestException', 'a validator says no');
        if (fault === 'notice' && isNotice) {
          fault = undefined;
          throw new AwsError('ServiceQuotaExceededException', 'too many');
        }
        const started = appConfig.startDeployment(input);
        if (fault === 'answer') {
          fault = undefined;
          throw new AwsError('InternalServerException', 'the answer is lost');
        }
        return started;
      },
      getDeployment: (input: unknown) => {
        if (fault === 'question') {
          fault = undefined;
          throw new AwsError('AppConfigException', 'an error without a name of its own');
        }
        return appConfig.getDeployment(input);
      },
    },
  } as unknown as TaskServices);
  const getDeployment = tasks['arn:aws:states:::aws-sdk:appconfig:getDeployment'];
  const machine = specs.machines().find(({ name }) => name === 'videopick-dev-rollout');
  if (machine === undefined || getDeployment === undefined) throw new Error('the assembly has no rollout machine');
  const definition = JSON.parse(
    JSON.stringify(machine.definition)
      .replace('"SecondsPath":"$.rollout.pollSeconds"', '"Seconds":0')
      .replace('"Seconds":2', '"Seconds":0'),
  );
  const stepFunctions = new StepFunctions({
    ...assembly.placement,
    machines: [{ ...machine, definition }],
    tasks: {
      ...tasks,
      'arn:aws:states:::aws-sdk:appconfig:getDeployment': async (parameters, context) => {
        nowMs += 20_000;
        questions += 1;
        await onQuestion({ alarm, question: questions });
        return getDeployment(parameters, context);
      },
    },
    retryDelayMs: 1,
  });
  const released: Promise<unknown>[] = [];
  stepFunctions.onExecution((execution) => {
    if (!['ABORTED', 'FAILED', 'TIMED_OUT'].includes(execution.status)) return;
    const event = parseInput(ReleaseRolloutInput, executionStatusChangeEvent(execution));
    const release = () => releaseRollout(event, { db, hosted, tellHotline });
    // Lambda repeats an event whose function failed.
    released.push(release().catch(release));
  });

  const start = (input: unknown) => stepFunctions.startExecution({ stateMachineArn: machine.arn, input }).executionArn;
  const ended = async (executionArn: string) => {
    const { status, output, error, cause } = await stepFunctions.waitForExecution(executionArn);
    await Promise.all(released);
    return { status, error, cause, output: output === undefined ? undefined : JSON.parse(output) };
  };
  return {
    alarm,
    called,
    told,
    hosted,
    stepFunctions,
    alarmNames,
    start,
    ended,
    run: (input: unknown) => ended(start(input)),
    setThresholds: (given: ThresholdOverrides) => {
      thresholds = { minPreviousPhaseDays: 0, minUploadsPerDay: 0, ...given };
    },
    /** Topics by their last word, and what was said: `hotline: VideoPick rollout 4.1: ROLLED BACK`. */
    notices: () => messages.map(({ topicArn, subject }) => `${topicArn.slice(topicArn.lastIndexOf('-') + 1)}: ${subject}`),
    async deployed() {
      const flags = await hosted.deployed(profiles.flags);
      const notices = await hosted.deployed(profiles.notices);
      return {
        flags: parseFlagsDocument(flags?.text ?? ''),
        flagsVersion: flags?.version,
        notice: (JSON.parse(notices?.text ?? '{}') as { notice?: { id: string } }).notice?.id ?? null,
        busyWith: await hosted.busyWith(),
      };
    },
    /** Stores a version as somebody with the CLI does. */
    async storeByHand(name: keyof typeof profiles, document: object) {
      const after = await hosted.latestVersion(profiles[name]);
      return hosted.store(profiles[name], { text: JSON.stringify(document), label: 'by-hand', after });
    },
    /** A deployment of flags under way, as somebody left it. */
    async leaveDeployment(label: string) {
      const version = await hosted.store(profiles.flags, { text: JSON.stringify(flagsDocument(INITIAL_STATES)), label, after: 1 });
      const strategy = specs
        .resources('AWS::AppConfig::DeploymentStrategy')
        .find(({ properties }) => properties.Name === 'videopick-dev-rollout');
      appConfig.startDeployment({
        ApplicationId: environment.APPLICATION_ID,
        EnvironmentId: environment.ENVIRONMENT_ID,
        ConfigurationProfileId: profiles.flags.id,
        DeploymentStrategyId: strategy?.ref,
        ConfigurationVersion: String(version),
      });
    },
    refuseDocuments: () => {
      fault = 'document';
    },
    /** The next deployment starts, and its answer is lost. */
    loseAnswer: () => {
      fault = 'answer';
    },
    /** The next question how far a deployment is fails, once. */
    failQuestion: () => {
      fault = 'question';
    },
    /** The next deployment of a notice is refused, once. */
    loseNotice: () => {
      fault = 'notice';
    },
    async close() {
      stepFunctions.close();
      await Promise.all(released);
      client.destroy();
      await gateway.close();
      rmSync(outbox, { recursive: true, force: true });
    },
  };
}
export type RolloutCloud = Awaited<ReturnType<typeof startRolloutCloud>>;
