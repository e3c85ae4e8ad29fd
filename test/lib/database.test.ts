import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Specs } from '../../local/cloud/specs.ts';
import { useSynthesizedApp } from './synthesized-app.ts';

const synthesized = useSynthesizedApp();
const { resources: all, only } = synthesized;

describe('database', () => {
  it('is one encrypted Aurora PostgreSQL 17 cluster, serverless, reached through the Data API', () => {
    expect(only('AWS::RDS::DBCluster').properties).toMatchObject({
      Engine: 'aurora-postgresql',
      EngineVersion: expect.stringMatching(/^17\./),
      EnableHttpEndpoint: true,
      StorageEncrypted: true,
      ServerlessV2ScalingConfiguration: { MinCapacity: 0, MaxCapacity: 4 },
      BackupRetentionPeriod: 7,
      EnableCloudwatchLogsExports: ['postgresql'],
      DatabaseName: 'linkpick',
    });
    expect(only('AWS::RDS::DBInstance').properties).toMatchObject({ DBInstanceClass: 'db.serverless', PubliclyAccessible: false });
  });

  it('stands in isolated subnets of two zones: no NAT, no gateway, no route, nothing comes in', () => {
    for (const type of [
      'AWS::EC2::NatGateway',
      'AWS::EC2::InternetGateway',
      'AWS::EC2::VPCGatewayAttachment',
      'AWS::EC2::Route',
      'AWS::EC2::EIP',
    ]) {
      expect(all(type), type).toEqual([]);
    }
    expect(all('AWS::EC2::SecurityGroupIngress')).toEqual([]);
    const groups = all('AWS::EC2::SecurityGroup');
    expect(groups.map(({ properties }) => properties.SecurityGroupIngress)).toEqual([undefined]);
    expect(only('AWS::RDS::DBCluster').properties.VpcSecurityGroupIds).toEqual([groups[0]?.attributes.GroupId]);
    const subnets = all('AWS::EC2::Subnet');
    expect(only('AWS::RDS::DBSubnetGroup').properties.SubnetIds).toEqual(subnets.map(({ ref }) => ref));
    expect(new Set(subnets.map(({ properties }) => properties.AvailabilityZone)).size).toBe(2);
    for (const { properties } of subnets) expect(properties.MapPublicIpOnLaunch).toBe(false);
  });

  it('has a generated secret whose ARN the Data API takes: at most 100 characters', () => {
    const [secret, ...others] = all('AWS::SecretsManager::Secret').filter(({ stack }) => stack.endsWith('-database'));
    if (secret === undefined || others.length > 0) throw new Error(`${others.length} further secrets of the database, expected one in all`);
    expect(secret.properties).toMatchObject({ GenerateSecretString: { GenerateStringKey: 'password' } });
    for (const environment of ['dev', 'staging', 'prod']) {
      const name = String(secret.properties.Name).replace('-dev-', `-${environment}-`);
      expect(`arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:${name}-AbCdEf`.length).toBeLessThan(100);
    }
    expect(synthesized.assembly.outputs.SecretArn?.length).toBeLessThan(100);
  });

  it('gets its schema at deploy by a function that carries the SQL files', () => {
    const specs = new Specs(synthesized.assembly);
    const [trigger, ...others] = specs.deployTriggers();
    expect(others).toEqual([]);
    const applySchema = specs.functions().find(({ name }) => name === 'videopick-dev-apply-schema');
    expect(trigger?.startsWith(applySchema?.arn ?? 'none')).toBe(true);
    const files = readdirSync(new URL('../../database/migrations/', import.meta.url));
    expect(readdirSync(join(applySchema?.codeDir ?? '', 'migrations')).sort()).toEqual(files.sort());
  });
});
