import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { AppConfig } from '../appconfig/app-config.ts';
import { withAgent } from '../appconfig/with-agent.ts';
import type { Assembly } from '../assembly/read-assembly.ts';
import { CloudFrontKeyValueStore } from '../cloudfront-keyvaluestore/cloudfront-keyvaluestore.ts';
import { KeyValueStore } from '../cloudfront-keyvaluestore/key-value-store.ts';
import { apiSamples, executionSamples, invocationSamples } from '../cloudwatch/aws-samples.ts';
import { CloudWatch } from '../cloudwatch/cloudwatch.ts';
import { stateChangeEvent } from '../cloudwatch/state-change-event.ts';
import { UserError } from '../errors.ts';
import { EventBridge } from '../eventbridge/event-bridge.ts';
import { s3ObjectCreatedEvent } from '../eventbridge/s3-event.ts';
import { Scheduler } from '../eventbridge/scheduler.ts';
import type { LocatedFfmpeg } from '../ffmpeg/locate.ts';
import { AwsError } from '../gateway/aws-error.ts';
import { Gateway } from '../gateway/gateway.ts';
import type { Service } from '../gateway/service.ts';
import { LambdaRuntime } from '../lambda/lambda-runtime.ts';
import type { JobProgress } from '../mediaconvert/job-runner.ts';
import { MediaConvert } from '../mediaconvert/mediaconvert.ts';
import type { Postgres } from '../postgres/start-postgres.ts';
import { RdsData } from '../rds-data/rds-data.ts';
import { S3 } from '../s3/s3.ts';
import { SecretsManager } from '../secretsmanager/secrets-manager.ts';
import type { PublishedMessage } from '../sns/outbox.ts';
import { Sns } from '../sns/sns.ts';
import { executionStatusChangeEvent } from '../step-functions/describe-execution.ts';
import { StepFunctions } from '../step-functions/step-functions.ts';
import { makeSigningKey } from './signing-key.ts';
import { Specs } from './specs.ts';
import { taskHandlers } from './tasks.ts';
import { webServer } from './web.ts';

export interface CloudOptions {
  readonly assembly: Assembly;
  readonly postgres: Postgres;
  readonly ffmpeg: LocatedFfmpeg;
  /** Where objects and jobs are kept. */
  readonly dataDir: string;
  /** The gateway's; 0 picks a free one. */
  readonly port: number;
  /** Lines that functions write, and faults that no client sees. */
  readonly onLog: (source: string, line: string) => void;
  readonly onEncodeProgress: (progress: JobProgress) => void;
  /** Every message that is published to a topic. It is also in `outbox/<topic>.jsonl` of the data directory. */
  readonly onNotice?: (message: PublishedMessage) => void;
}

/** The embedded cloud: every resource of the assembly that does something has its stand-in, all behind one port. */
export interface Cloud {
  readonly endpoint: string;
  readonly stepFunctions: StepFunctions;
  readonly s3: S3Client;
  readonly functions: Readonly<Record<string, string>>;
  readonly stateMachines: Readonly<Record<string, string>>;
  /** Does what a deploy does beyond making resources: runs the assembly's triggers. */
  deploy(): Promise<void>;
  /** Starts what runs by itself: schedules. */
  startSchedules(): void;
  close(): Promise<void>;
}

export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const { assembly, postgres, ffmpeg, dataDir, onLog } = options;
  const { placement, outputs } = assembly;
  const specs = new Specs(assembly);
  const report = (source: string) => (error: unknown) =>
    onLog(source, error instanceof Error ? (error.stack ?? error.message) : JSON.stringify(error));

  const objects = new S3({
    directory: folder(dataDir, 's3'),
    buckets: specs.buckets(),
    onObjectCreated: ({ size, ...created }) =>
      void eventBridge.publish(s3ObjectCreatedEvent({ ...created, sizeBytes: size, accountId: placement.accountId })),
  });
  const services = new Map<string, Service>([['s3', objects]]);
  const gateway = new Gateway({ services, web: (request, response) => web.handle(request, response), onError: report('gateway') });
  const endpoint = await gateway.listen(options.port);

  const s3 = new S3Client({
    endpoint,
    region: placement.region,
    credentials: { accessKeyId: 'laptop', secretAccessKey: 'laptop' },
    forcePathStyle: true,
  });
  const rdsData = new RdsData({
    databaseUrlOf: (database) => postgres.urlOf(database),
    clusterArn: outputs.ClusterArn ?? '',
    secretArn: outputs.SecretArn ?? '',
    defaultDatabase: outputs.DatabaseName ?? 'postgres',
  });
  const appConfig = new AppConfig({ resources: assembly.resources, stateFile: join(dataDir, 'appconfig', 'state.json') });
  const agentPort = await appConfig.listen();
  const functions = specs.functions().map((spec) => withAgent(spec, agentPort));
  const lambda = new LambdaRuntime({
    ...placement,
    functions,
    endpoint,
    onLog: (source, line) => {
      cloudWatch.observeLog(line);
      onLog(source, line);
    },
    onInvoked: (invocation) => {
      for (const sample of invocationSamples(invocation, Date.now())) cloudWatch.record(sample);
    },
  });
  const mediaConvert = new MediaConvert({
    ...placement,
    s3,
    ffmpeg,
    workDir: folder(dataDir, 'mediaconvert'),
    stateFile: join(dataDir, 'mediaconvert', 'jobs.json'),
    emit: (event) => void eventBridge.publish(event),
    onProgress: options.onEncodeProgress,
  });
  const sns = new Sns({
    topicArns: specs.resources('AWS::SNS::Topic').map(({ ref }) => ref),
    outbox: join(dataDir, 'outbox'),
    onPublished: options.onNotice,
  });
  const cloudWatch = new CloudWatch({
    ...placement,
    resources: assembly.resources,
    publish: (notice) => sns.publish(notice),
    stateFile: join(dataDir, 'cloudwatch', 'alarms.json'),
  });
  cloudWatch.onAlarm((change) => appConfig.alarmChanged(change));
  cloudWatch.onAlarm((change) => void eventBridge.publish(stateChangeEvent(change)));
  const tasks = taskHandlers({ lambda, mediaConvert, appConfig, cloudWatch, sns });
  const stepFunctions = new StepFunctions({ ...placement, machines: specs.machines(), tasks });
  const deliver = async (targetArn: string, input: unknown) => startTarget(targetArn, input, stepFunctions, lambda);
  const eventBridge = new EventBridge({ ...placement, rules: specs.rules(), deliver, onDeliveryFailure: report('eventbridge') });
  const scheduler = new Scheduler({ ...placement, schedules: specs.schedules(), deliver, onDeliveryFailure: report('scheduler') });
  const keyValueStores = specs.keyValueStores().map(({ arn, name }) => {
    return new KeyValueStore(arn, { file: join(dataDir, 'cloudfront-keyvaluestore', `${name}.json`) });
  });
  const secretsManager = new SecretsManager(specs.secrets());
  const web = webServer(specs, {
    lambda,
    s3,
    placement,
    keyValueStores: new Map(keyValueStores.map((store) => [store.arn, store])),
    ownKeys: makeSigningKey(outputs, secretsManager),
    onApiAnswer: (answer) => {
      for (const sample of apiSamples({ ...answer, atMs: Date.now() })) cloudWatch.record(sample);
    },
    onError: report('cloudfront'),
  });
  stepFunctions.onExecution((execution) => {
    for (const sample of executionSamples(execution, Date.now())) cloudWatch.record(sample);
  });
  const offEvents = stepFunctions.onExecution((execution) => void eventBridge.publish(executionStatusChangeEvent(execution)));
  cloudWatch.start();
  services
    .set('rds-data', rdsData)
    .set('appconfig', appConfig)
    .set('lambda', lambda)
    .set('mediaconvert', mediaConvert)
    .set('states', stepFunctions)
    .set('events', eventBridge)
    .set('cloudfront-keyvaluestore', new CloudFrontKeyValueStore(keyValueStores))
    .set('secretsmanager', secretsManager)
    .set('monitoring', cloudWatch)
    .set('sns', sns);

  return {
    endpoint,
    stepFunctions,
    s3,
    functions: Object.fromEntries(specs.functions().map(({ name, arn }) => [shortName(name), arn])),
    stateMachines: Object.fromEntries(specs.machines().map(({ name, arn }) => [shortName(name), arn])),
    async deploy() {
      for (const functionArn of specs.deployTriggers()) {
        const result = await lambda.invoke(functionArn, {});
        if (result.functionError !== undefined) throw new UserError(`the deploy stopped: ${result.payload.errorMessage}`);
      }
    },
    startSchedules: () => scheduler.start(),
    async close() {
      scheduler.close();
      cloudWatch.close();
      offEvents(); // what is stopped with the stack is taken over at the next start, not by functions that are being stopped too
      stepFunctions.close();
      await mediaConvert.close();
      await lambda.close();
      await appConfig.close();
      await gateway.close();
      await rdsData.close();
      s3.destroy();
    },
  };
}

async function startTarget(targetArn: string, input: unknown, stepFunctions: StepFunctions, lambda: LambdaRuntime): Promise<void> {
  if (targetArn.includes(':stateMachine:')) {
    stepFunctions.startExecution({ stateMachineArn: targetArn, input });
    return;
  }
  if (!targetArn.includes(':function:'))
    throw new AwsError('ValidationException', `the target ${targetArn} has no stand-in; known: state machines and functions`);
  const result = await lambda.invoke(targetArn, input);
  if (result.functionError !== undefined) throw new Error(`${targetArn}: ${result.payload.errorType}: ${result.payload.errorMessage}`);
}

/** `videopick-dev-copy-entity` → `copy-entity`: what follows the environment's prefix. */
function shortName(name: string): string {
  return name.replace(/^videopick-[a-z]+-/, '');
}

function folder(...path: string[]): string {
  const joined = join(...path);
  mkdirSync(joined, { recursive: true });
  return joined;
}
