import { describe, expect, it } from 'vitest';
import { InvalidConfigError, parseConfig } from '../lambdas/config.ts';
import { DatabaseConfig } from '../lambdas/data-api/database-config.ts';
import { MigrationConfig } from '../lambdas/migration/config.ts';

const environment = {
  CLUSTER_ARN: 'arn:aws:rds:ap-northeast-2:123456789012:cluster:c',
  SECRET_ARN: 'arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:s-AbCdEf',
  DATABASE_NAME: 'linkpick',
  SETTINGS_PATH: '/applications/videopick-dev/environments/dev/configurations/migration-settings',
  NOTICES_TOPIC_ARN: 'arn:aws:sns:ap-northeast-2:123456789012:videopick-dev-migration-notices',
  REPORT_BUCKET: 'reports',
};

describe("the migration's environment", () => {
  it('is read without what is not its own', () => {
    expect(parseConfig(MigrationConfig, { ...environment, PATH: '/bin' })).toEqual(environment);
  });

  it('names every key that is missing in one error', () => {
    const parse = () => parseConfig(MigrationConfig, {});
    expect(parse).toThrow(InvalidConfigError);
    for (const key of Object.keys(environment)) expect(parse).toThrow(key);
  });

  it.each([
    ['SETTINGS_PATH', ''],
    ['SETTINGS_PATH', 'migration-settings'],
    ['NOTICES_TOPIC_ARN', 'notices'],
    ['REPORT_BUCKET', ''],
    ['CLUSTER_ARN', 'cluster'],
    ['SECRET_ARN', '${Token[Secret]}'],
    ['DATABASE_NAME', ''],
  ])('is refused with %s=%j, and only that key is named', (key, value) => {
    const parse = () => parseConfig(MigrationConfig, { ...environment, [key]: value });
    expect(parse).toThrow(key);
    for (const other of Object.keys(environment)) if (other !== key) expect(parse).not.toThrow(other);
  });
});

it('asks a function that only speaks to the database for nothing else', () => {
  const { CLUSTER_ARN, SECRET_ARN, DATABASE_NAME } = environment;
  expect(parseConfig(DatabaseConfig, { CLUSTER_ARN, SECRET_ARN, DATABASE_NAME })).toEqual({ CLUSTER_ARN, SECRET_ARN, DATABASE_NAME });
});
