import { createHash } from 'node:crypto';
import { UnsupportedTemplateError } from './errors.ts';
import type { Placement, Resource } from './template.ts';

type Declared = Omit<Resource, 'ref' | 'attributes'>;
type Identity = Pick<Resource, 'ref' | 'attributes'>;
type Identify = (resource: Declared, placement: Placement) => Identity;

/** What CloudFormation would answer for `Ref` and `Fn::GetAtt`. @throws {UnsupportedTemplateError} for a type without stand-in */
export function identify(resource: Declared, placement: Placement): Identity {
  const known = TYPES[resource.type] ?? (NO_EFFECT.some((prefix) => resource.type.startsWith(prefix)) ? inert : undefined);
  if (known !== undefined) return known(resource, placement);
  throw new UnsupportedTemplateError(
    `${resource.stack} declares "${resource.logicalId}" of type ${resource.type}, which has no stand-in; ` +
      'add one, or list the type as without effect on a laptop (local/assembly/resource-types.ts)',
  );
}

/** Types that matter in the cloud alone: network, permissions, logs, encryption. Their references are resolved to a made-up name. */
const NO_EFFECT: readonly string[] = [
  'AWS::CDK::Metadata',
  'AWS::EC2::',
  'AWS::IAM::Policy',
  'AWS::Lambda::EventInvokeConfig', // a function that fails at an event is logged, once
  'AWS::Lambda::Permission',
  'AWS::RDS::DBInstance',
  'AWS::RDS::DBSubnetGroup',
  'AWS::S3::BucketPolicy',
  'AWS::CloudFront::OriginAccessControl',
  'AWS::CloudWatch::Dashboard',
  'AWS::Logs::ResourcePolicy',
  'AWS::KMS::', // what is encrypted with a key is served as plain on a laptop
  'AWS::SNS::Subscription',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::', // dead letters: a target that fails is logged instead
];

/** Serves the deploy alone: CDK's own provider functions, which the stand-ins replace. */
const inert: Identify = ({ stack, logicalId }) => {
  const id = `${stack}-${logicalId}`;
  const attributes = [
    'Id',
    'Arn',
    'GroupId',
    'VpcId',
    'SubnetId',
    'CidrBlock',
    'InternetGatewayId',
    'Ipv6CidrBlocks',
    'AvailabilityZone',
    'QueueName',
    'KeyId',
  ];
  return { ref: id, attributes: Object.fromEntries(attributes.map((name) => [name, id])) };
};

const TYPES: Readonly<Record<string, Identify>> = {
  'AWS::S3::Bucket': (resource, { region }) => {
    const name = bucketName(resource);
    return { ref: name, attributes: { Arn: `arn:aws:s3:::${name}`, RegionalDomainName: `${name}.s3.${region}.amazonaws.com` } };
  },
  'AWS::Lambda::Function': (resource, placement) => {
    const name = nameOf(resource, 'FunctionName');
    return { ref: name, attributes: { Arn: arn('lambda', `function:${name}`, placement) } };
  },
  'AWS::Lambda::Version': ({ properties }, placement) => {
    const functionName = String(properties.FunctionName).split(':').at(-1);
    return { ref: arn('lambda', `function:${functionName}:1`, placement), attributes: { Version: '1' } };
  },
  'AWS::Lambda::Url': (resource, { region }) => {
    const functionArn = String(resource.properties.TargetFunctionArn);
    return {
      ref: functionArn,
      attributes: { FunctionArn: functionArn, FunctionUrl: `https://${digest(functionArn, 32)}.lambda-url.${region}.on.aws/` },
    };
  },
  'AWS::StepFunctions::StateMachine': (resource, placement) => {
    const name = nameOf(resource, 'StateMachineName');
    const machineArn = arn('states', `stateMachine:${name}`, placement);
    return { ref: machineArn, attributes: { Arn: machineArn, Name: name } };
  },
  'AWS::IAM::Role': (resource, { accountId }) => {
    const name = nameOf(resource, 'RoleName');
    return { ref: name, attributes: { Arn: `arn:aws:iam::${accountId}:role/${name}` } };
  },
  'AWS::RDS::DBCluster': (resource, placement) => {
    const name = nameOf(resource, 'DBClusterIdentifier').toLowerCase();
    return {
      ref: name,
      attributes: {
        DBClusterArn: arn('rds', `cluster:${name}`, placement),
        'Endpoint.Address': '127.0.0.1',
        'Endpoint.Port': '0',
        'ReadEndpoint.Address': '127.0.0.1',
      },
    };
  },
  'AWS::SecretsManager::Secret': (resource, placement) => {
    const name = nameOf(resource, 'Name');
    // Secrets Manager ends the ARN with six characters of its own.
    const secretArn = arn('secretsmanager', `secret:${name}-${digest(name, 6)}`, placement);
    return { ref: secretArn, attributes: { Id: secretArn } };
  },
  'AWS::SecretsManager::SecretTargetAttachment': ({ properties }) => ({ ref: String(properties.SecretId), attributes: {} }),
  'AWS::Events::Rule': (resource, placement) => {
    const name = nameOf(resource, 'Name');
    return { ref: name, attributes: { Arn: arn('events', `rule/${name}`, placement) } };
  },
  'AWS::Scheduler::Schedule': (resource, placement) => {
    const name = nameOf(resource, 'Name');
    return { ref: name, attributes: { Arn: arn('scheduler', `schedule/default/${name}`, placement) } };
  },
  'AWS::Scheduler::ScheduleGroup': (resource, placement) => {
    const name = nameOf(resource, 'Name');
    return { ref: name, attributes: { Arn: arn('scheduler', `schedule-group/${name}`, placement) } };
  },
  'AWS::SNS::Topic': (resource, placement) => {
    const name = nameOf(resource, 'TopicName');
    const topicArn = arn('sns', name, placement);
    return { ref: topicArn, attributes: { TopicArn: topicArn, TopicName: name } };
  },
  'AWS::Logs::LogGroup': (resource, placement) => {
    const name = nameOf(resource, 'LogGroupName');
    return { ref: name, attributes: { Arn: `${arn('logs', `log-group:${name}`, placement)}:*` } };
  },
  'AWS::ApiGatewayV2::Api': (resource, { region }) => {
    const id = apiGatewayId(resource);
    return { ref: id, attributes: { ApiId: id, ApiEndpoint: `https://${id}.execute-api.${region}.amazonaws.com` } };
  },
  'AWS::ApiGatewayV2::Integration': (resource) => ({ ref: apiGatewayId(resource), attributes: { IntegrationId: apiGatewayId(resource) } }),
  'AWS::ApiGatewayV2::Route': (resource) => ({ ref: apiGatewayId(resource), attributes: { RouteId: apiGatewayId(resource) } }),
  'AWS::ApiGatewayV2::Authorizer': (resource) => ({ ref: apiGatewayId(resource), attributes: { AuthorizerId: apiGatewayId(resource) } }),
  'AWS::ApiGatewayV2::Stage': ({ properties }) => ({ ref: String(properties.StageName), attributes: {} }),
  'AWS::CloudFront::Distribution': (resource) => {
    const id = `E${digest(resource.logicalId, 13).toUpperCase()}`;
    return { ref: id, attributes: { Id: id, DomainName: `${id.toLowerCase()}.cloudfront.net` } };
  },
  'AWS::CloudFront::Function': (resource, { accountId }) => {
    const functionArn = `arn:aws:cloudfront::${accountId}:function/${nameOf(resource, 'Name')}`;
    return { ref: functionArn, attributes: { FunctionARN: functionArn } };
  },
  'AWS::CloudFront::ResponseHeadersPolicy': (resource) => {
    const id = digest(resource.logicalId, 36);
    return { ref: id, attributes: { Id: id } };
  },
  'AWS::CloudWatch::Alarm': alarm,
  'AWS::CloudWatch::CompositeAlarm': alarm,
  'AWS::CloudFront::CachePolicy': (resource) => {
    const id = digest(resource.logicalId, 36);
    return { ref: id, attributes: { Id: id } };
  },
  'AWS::CloudFront::KeyValueStore': (resource, { accountId }) => {
    const id = digest(`${resource.stack}/${resource.logicalId}`, 36);
    return {
      ref: nameOf(resource, 'Name'),
      attributes: { Id: id, Arn: `arn:aws:cloudfront::${accountId}:key-value-store/${id}`, Status: 'READY' },
    };
  },
  'AWS::CloudFront::PublicKey': (resource) => cloudFrontKeyId(resource),
  'AWS::CloudFront::KeyGroup': (resource) => cloudFrontKeyId(resource),
  'AWS::AppConfig::Application': (resource) => appConfigId(resource, 'ApplicationId'),
  'AWS::AppConfig::Environment': (resource) => appConfigId(resource, 'EnvironmentId'),
  'AWS::AppConfig::ConfigurationProfile': (resource) => appConfigId(resource, 'ConfigurationProfileId'),
  'AWS::AppConfig::DeploymentStrategy': (resource) => appConfigId(resource, 'Id'),
  // Their `Ref` is a number that the stand-in counts, known only when it has been filled; what refers to it is given the resource's path.
  'AWS::AppConfig::HostedConfigurationVersion': ({ stack, logicalId }) => ({ ref: `${stack}/${logicalId}`, attributes: {} }),
  'AWS::AppConfig::Deployment': ({ stack, logicalId }) => ({ ref: `${stack}/${logicalId}`, attributes: {} }),
  'Custom::Trigger': inert,
};

function alarm(resource: Declared, placement: Placement): Identity {
  const name = nameOf(resource, 'AlarmName');
  return { ref: name, attributes: { Arn: arn('cloudwatch', `alarm:${name}`, placement) } };
}

function cloudFrontKeyId({ stack, logicalId }: Declared): Identity {
  const id = `K${digest(`${stack}/${logicalId}`, 13).toUpperCase()}`;
  return { ref: id, attributes: { Id: id } };
}

/** API Gateway's ids are ten letters and digits. */
function apiGatewayId({ stack, logicalId }: Declared): string {
  return digest(`${stack}/${logicalId}`, 10);
}

/** AppConfig's ids match `[a-z0-9]{4,7}`. */
function appConfigId({ stack, logicalId }: Declared, attribute: string): Identity {
  const id = digest(`${stack}/${logicalId}`, 7);
  return { ref: id, attributes: { [attribute]: id } };
}

/** The name a template gives, or one like CloudFormation makes. */
function nameOf({ stack, logicalId, properties }: Declared, property: string): string {
  const given = properties[property];
  return typeof given === 'string' ? given : `${stack}-${logicalId}`;
}

/** Lower case, at most 63 characters, ending in something unique: the rules for bucket names. */
function bucketName({ stack, logicalId, properties }: Declared): string {
  if (typeof properties.BucketName === 'string') return properties.BucketName;
  const readable = `${stack}-${logicalId}`.toLowerCase().replaceAll(/[^a-z0-9-]/g, '-');
  return readable.length <= 63 ? readable : `${readable.slice(0, 50)}-${digest(readable, 12)}`;
}

function arn(service: string, resource: string, { region, accountId }: Placement): string {
  return `arn:aws:${service}:${region}:${accountId}:${resource}`;
}

/** The same for the same text, so that a laptop's state is found again. */
function digest(text: string, length: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length);
}
