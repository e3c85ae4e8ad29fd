import { FLAG_NAMES, type FlagName, flagOf } from '../../lambdas/rollout/catalogue.ts';
import type { Deployment } from './deployment.ts';

/** Variables of a file in their order; a file by its name. */
export type EnvFiles = Readonly<Record<'.env.video' | '.env.legacy' | '.env.migration', Readonly<Record<string, string>>>>;

/**
 * The plan's variables. Flags and their attributes are what holds before anything was deployed: what is in force for a user the applications ask
 * at `ROLLOUT_API_URL`.
 */
export function envFiles(deployment: Deployment): EnvFiles {
  const { environment, region, cdnUrl } = deployment;
  const common = { VIDEOPICK_ENVIRONMENT: environment, AWS_REGION: region, ROLLOUT_API_URL: `${cdnUrl}/api/rollout` };
  const isFor = (prefix: string) => FLAG_NAMES.filter((name) => name.startsWith(prefix));
  return {
    '.env.video': {
      ...common,
      VIDEO_STORAGE_TYPE: 's3',
      VIDEO_STORAGE_BUCKET: deployment.videosBucket,
      STATIC_STORAGE_BUCKET: deployment.staticBucket,
      VIDEO_CDN_URL: cdnUrl,
      UPLOAD_API_URL: `${cdnUrl}/api/uploads`,
      ...attributesOf('VIDEO_PROCESSING_ENABLED'),
      STREAMING_PROTOCOL: 'hls',
      STREAMING_SERVER_URL: cdnUrl,
      ...switches([...isFor('SHOW_'), ...isFor('ENABLE_'), 'VIDEO_PROCESSING_ENABLED', 'VIDEO_ANALYTICS_ENABLED']),
      MONETIZATION_ENABLED: String(flagOf('ENABLE_MONETIZATION').enabled),
      ...attributesOf('ENABLE_MONETIZATION'),
    },
    '.env.legacy': {
      ...common,
      VIDEO_PLATFORM_URL: cdnUrl,
      VIDEO_CDN_URL: cdnUrl,
      ...switches(['SHOW_VIDEO_TAB', 'USE_LEGACY_ROUTES', 'DISABLE_LEGACY_CAMPAIGNS']),
    },
    '.env.migration': {
      VIDEOPICK_ENVIRONMENT: environment,
      AWS_REGION: region,
      DATABASE_CLUSTER_ARN: deployment.clusterArn,
      DATABASE_SECRET_ARN: deployment.databaseSecretArn,
      DATABASE_NAME: deployment.databaseName,
      DAILY_MIGRATION_ARN: deployment.dailyMigrationArn,
      CATCH_UP_ARN: deployment.catchUpArn,
      REPORTS_BUCKET: deployment.reportsBucket,
    },
  };
}

function switches(names: readonly FlagName[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name) => [name, String(flagOf(name).enabled)]));
}

function attributesOf(name: FlagName): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(flagOf(name).attributes ?? {}).map(([key, { initial }]) => [key, String(initial)]));
}

/** The text of a file, as dotenv and a shell read it. */
export function envText(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}=${quote(value)}\n`)
    .join('');
}

/** Single quotes: neither dotenv nor a shell replaces anything inside. @throws for what cannot stand in them */
function quote(value: string): string {
  if (/^[\w./:,@%+-]*$/.test(value)) return value;
  if (/['\n\r]/.test(value)) throw new Error(`the value ${JSON.stringify(value)} has a quote or a line break; expected a text without`);
  return `'${value}'`;
}
