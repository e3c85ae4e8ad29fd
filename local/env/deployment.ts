import { readFileSync } from 'node:fs';
import { UserError } from '../errors.ts';
import type { LocalFile } from '../runner/local-file.ts';

/** What the applications of an environment have to know of its stacks. Secrets are ARNs. */
export interface Deployment {
  readonly environment: string;
  readonly region: string;
  /** Without a slash at the end. */
  readonly cdnUrl: string;
  readonly videosBucket: string;
  readonly staticBucket: string;
  readonly reportsBucket: string;
  readonly clusterArn: string;
  readonly databaseSecretArn: string;
  readonly databaseName: string;
  readonly dailyMigrationArn: string;
  readonly catchUpArn: string;
}

/** Nothing to read a deployment from, or not all of it. */
export class NotDeployedError extends UserError {
  override readonly name = 'NotDeployedError';
  constructor(message: string) {
    super(message, { exitCode: 2 });
  }
}

/** The output of a stack each value comes from: stack and name. */
const OUTPUTS = {
  videosBucket: ['storage', 'VideosBucketName'],
  staticBucket: ['storage', 'StaticBucketName'],
  reportsBucket: ['migration', 'ReportsBucketName'],
  clusterArn: ['database', 'ClusterArn'],
  databaseSecretArn: ['database', 'SecretArn'],
  databaseName: ['database', 'DatabaseName'],
  dailyMigrationArn: ['migration', 'DailyMigrationArn'],
  catchUpArn: ['migration', 'CatchUpArn'],
} as const;

/** From the file that `cdk deploy --outputs-file` writes: `{"videopick-dev-storage": {"VideosBucketName": "…"}}`. @throws {NotDeployedError} */
export function deploymentFromOutputs(file: string, { name, region }: { readonly name: string; readonly region: string }): Deployment {
  const stacks = readJson(file, 'write it with: npx cdk deploy --all --outputs-file FILE') as Readonly<Record<string, unknown>>;
  const output = (stack: string, key: string): string => {
    const stackName = `videopick-${name}-${stack}`;
    const outputs = stacks[stackName] as Readonly<Record<string, unknown>> | undefined;
    if (outputs === undefined || outputs === null)
      throw new NotDeployedError(
        `${file} has no stack ${stackName}; found ${Object.keys(stacks).join(', ') || 'none'}. Deploy all stacks of "${name}" and write it again`,
      );
    const value = outputs[key];
    if (typeof value === 'string' && value !== '') return value;
    throw new NotDeployedError(
      `the stack ${stackName} in ${file} has no output ${key}; found ${Object.keys(outputs).join(', ') || 'none'}. Deploy this version of it`,
    );
  };
  const values = Object.fromEntries(Object.entries(OUTPUTS).map(([key, [stack, outputKey]]) => [key, output(stack, outputKey)]));
  return {
    ...(values as Record<keyof typeof OUTPUTS, string>),
    environment: name,
    region,
    cdnUrl: `https://${output('delivery', 'DistributionDomainName')}`,
  };
}

/** From the file of a running laptop stack, which is `dev`. @throws {NotDeployedError} */
export function deploymentFromLaptop(file: string, environment: string): Deployment {
  if (environment !== 'dev')
    throw new NotDeployedError(`a laptop runs dev, not "${environment}"; name the deployed stacks' outputs with --outputs FILE`);
  const local = readJson(file, 'start the stack with npm start, or name the deployed stacks’ outputs with --outputs FILE') as LocalFile;
  const of = (values: Readonly<Record<string, string>> | undefined, key: string, what: string): string => {
    const value = values?.[key];
    if (value !== undefined) return value;
    throw new NotDeployedError(
      `${file} names no ${what} "${key}"; found ${Object.keys(values ?? {}).join(', ') || 'none'}. Start the stack again`,
    );
  };
  return {
    environment,
    region: local.region,
    cdnUrl: local.cdnUrl.replace(/\/$/, ''),
    videosBucket: of(local.buckets, 'videos', 'bucket'),
    staticBucket: of(local.buckets, 'static', 'bucket'),
    reportsBucket: of(local.buckets, 'reports', 'bucket'),
    clusterArn: local.clusterArn,
    databaseSecretArn: local.secretArn,
    databaseName: local.databaseName,
    dailyMigrationArn: of(local.stateMachines, 'daily-migration', 'state machine'),
    catchUpArn: of(local.stateMachines, 'catch-up', 'state machine'),
  };
}

function readJson(file: string, advice: string): object {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new NotDeployedError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code}); ${advice}`);
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Said below, as for JSON of another shape.
  }
  throw new NotDeployedError(`${file} is no JSON object; ${advice}`);
}
