import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as rds from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import type { DatabaseEnv } from '../../lambdas/data-api/database-config.ts';
import { EnvironmentStack } from '../environment-stack.ts';

/**
 * LinkPick's and VideoPick's one Aurora PostgreSQL cluster, reached through the Data API alone: no Lambda is in the network, nothing has a
 * way out of it, nothing has a way in.
 */
export class Database extends Construct {
  readonly cluster: rds.DatabaseCluster;
  readonly #secret: NonNullable<rds.DatabaseCluster['secret']>;
  readonly #databaseName: string;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const stack = EnvironmentStack.of(this);
    const { database, keepData, availabilityZones } = stack.environmentConfig;
    this.#databaseName = database.name;
    const vpc = new ec2.Vpc(this, 'Network', {
      availabilityZones,
      natGateways: 0,
      restrictDefaultSecurityGroup: false,
      subnetConfiguration: [{ name: 'database', subnetType: ec2.SubnetType.PRIVATE_ISOLATED, cidrMask: 24 }],
    });
    this.cluster = new rds.DatabaseCluster(this, 'Cluster', {
      engine: rds.DatabaseClusterEngine.auroraPostgres({ version: rds.AuroraPostgresEngineVersion.VER_17_9 }),
      // The Data API takes secret ARNs of up to 100 characters, so the name is short.
      credentials: rds.Credentials.fromGeneratedSecret('videopick', { secretName: stack.nameOf('database') }),
      defaultDatabaseName: database.name,
      enableDataApi: true,
      writer: rds.ClusterInstance.serverlessV2('Writer'),
      serverlessV2MinCapacity: database.minCapacityAcu,
      serverlessV2MaxCapacity: database.maxCapacityAcu,
      storageEncrypted: true,
      backup: { retention: Duration.days(database.backupDays) },
      cloudwatchLogsExports: ['postgresql'],
      deletionProtection: keepData,
      removalPolicy: keepData ? RemovalPolicy.SNAPSHOT : RemovalPolicy.DESTROY,
      vpc,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
    });
    if (this.cluster.secret === undefined) throw new Error('the cluster has no secret; expected the one its generated credentials make');
    this.#secret = this.cluster.secret;
  }

  /** What a function needs to reach the database. */
  get environment(): DatabaseEnv {
    return { CLUSTER_ARN: this.cluster.clusterArn, SECRET_ARN: this.#secret.secretArn, DATABASE_NAME: this.#databaseName };
  }

  grantDataApi(grantee: iam.IGrantable): void {
    this.cluster.grantDataApiAccess(grantee);
  }
}
