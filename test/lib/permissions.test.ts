import { beforeAll, describe, expect, it } from 'vitest';
import { useSynthesizedApp } from './synthesized-app.ts';

interface Grant {
  /** The policy's stack and logical id. */
  readonly holder: string;
  readonly actions: readonly string[];
  readonly resource: string;
}

interface AllowedWildcard {
  readonly holder: RegExp;
  readonly resource: RegExp;
  /** All that may be done there. */
  readonly actions: readonly string[];
  readonly reason: string;
}

const READ = ['s3:GetBucket*', 's3:GetObject*', 's3:List*'];
const WRITE = [
  's3:Abort*',
  's3:PutObject',
  's3:PutObjectLegalHold',
  's3:PutObjectRetention',
  's3:PutObjectTagging',
  's3:PutObjectVersionTagging',
];

const LOG_DELIVERY = [
  'logs:CreateLogDelivery',
  'logs:DeleteLogDelivery',
  'logs:DescribeLogGroups',
  'logs:DescribeResourcePolicies',
  'logs:GetLogDelivery',
  'logs:ListLogDeliveries',
  'logs:PutResourcePolicy',
  'logs:UpdateLogDelivery',
];

/** Every wildcard resource that is granted, with why. A row that no grant needs any more fails, as a grant without a row does. */
const WILDCARDS: readonly AllowedWildcard[] = [
  {
    holder: /Role\w*DefaultPolicy/,
    resource: /:log-group:\/aws\/lambda\/videopick-dev-[a-z-]+:\*$/,
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    reason: 'the streams of one function’s own log group',
  },
  {
    holder: /StateMachineRole/,
    resource: /^\*$/,
    actions: LOG_DELIVERY,
    reason: 'log delivery takes no resource (Step Functions guide, logging)',
  },
  {
    holder: /rollout\/(EnvironmentAlarmRole|RolloutStateMachineRole)/,
    resource: /^\*$/,
    actions: ['cloudwatch:DescribeAlarms', ...LOG_DELIVERY],
    reason: 'states of alarms, to which AppConfig’s guide gives no resource; the machine’s log delivery, as above',
  },
  {
    holder: /videopick-dev-rollout\/|delivery\/ConsoleRole/,
    resource: /:application\/\w+\/environment\/\w+\/deployment\/\*$/,
    actions: ['appconfig:GetDeployment', 'appconfig:ListDeployments', 'appconfig:StartDeployment', 'appconfig:StopDeployment'],
    reason: 'deployments of one environment; their numbers are not known before',
  },
  {
    holder: /videopick-dev-rollout\/|delivery\/ConsoleRole/,
    resource: /\/configurationprofile\/\w+\/hostedconfigurationversion\/\*$/,
    actions: [
      'appconfig:CreateHostedConfigurationVersion',
      'appconfig:GetHostedConfigurationVersion',
      'appconfig:ListHostedConfigurationVersions',
    ],
    reason: 'versions of the two profiles; their numbers are not known before',
  },
  {
    holder: /OpenRollout/,
    resource: /:execution:videopick-dev-rollout:\*$/,
    actions: ['states:DescribeExecution'],
    reason: 'executions of one machine; their names are not known before',
  },
  {
    holder: /ConsoleRole/,
    resource: /:execution:videopick-dev-rollout:\*$/,
    actions: ['states:DescribeExecution', 'states:StopExecution'],
    reason: 'executions of one machine, for operators to look at and to stop; their names are not known before',
  },
  { holder: /InspectUpload/, resource: /^\*$/, actions: ['mediaconvert:Probe'], reason: 'takes no resource' },
  {
    holder: /StateMachineRole|(transcoding|edge)\/SchedulerRoleForTarget/,
    resource: /:function:videopick-dev-[a-z-]+:\*$/,
    actions: ['lambda:InvokeFunction'],
    reason: 'versions and aliases of one function',
  },
  {
    holder: /AWSCDKTriggerCustomResourceProvider/,
    resource: /:function:videopick-dev-apply-schema:\*$/,
    actions: ['lambda:InvokeFunction'],
    reason: 'versions of the function that applies the schema; CDK’s own',
  },
  {
    holder: /OpenRun/,
    resource: /:execution:videopick-dev-daily-migration:\*$/,
    actions: ['states:DescribeExecution'],
    reason: 'executions of one machine; their names are not known before',
  },
  {
    holder: /InspectUpload|RecordProgress|SweepVideos/,
    resource: /:execution:videopick-dev-transcode:\*$/,
    actions: ['states:DescribeExecution'],
    reason: 'executions of one machine; their names are not known before',
  },
  {
    holder: /TranscodeStateMachineRole/,
    resource: /:mediaconvert:[^:]+:\d+:jobs\/\*$/,
    actions: ['mediaconvert:CancelJob', 'mediaconvert:GetJob'],
    reason: 'job ids are not known before; narrowed by tag',
  },
  {
    holder: /CloseRun/,
    resource: /:::videopick-dev-migration-\w+\/\*$/,
    actions: WRITE,
    reason: 'a report per run; the bucket holds nothing else',
  },
  {
    holder: /ConsoleRole/,
    resource: /:::videopick-dev-migration-\w+\/daily-migration\/\*\.html$/,
    actions: ['s3:GetObject'],
    reason: 'the pages of closed runs, for the console to show',
  },
  {
    holder: /InspectUpload|JudgeFailure/,
    resource: /:::videopick-dev-storage-videos\w+\/originals\/\*$/,
    actions: READ,
    reason: 'uploads are named by their uploader',
  },
  {
    holder: /InspectUpload|SweepVideos|UploadApiHandler|ReadRollout|ReadStream/,
    resource: /:appconfig:[^:]+:\d+:application\/\w+\/environment\/\*\/configuration\/\w+$/,
    actions: ['appconfig:GetLatestConfiguration', 'appconfig:StartConfigurationSession'],
    reason: 'the one environment of flags and notices, which is made after its readers',
  },
  {
    holder: /UploadApiHandler/,
    resource: /:::videopick-dev-storage-videos\w+\/(temp|originals)\/\*$/,
    actions: ['s3:AbortMultipartUpload', 's3:GetObject', 's3:ListMultipartUploadParts', 's3:PutObject'],
    reason: 'uploads are named by their sessions and videos',
  },
  {
    holder: /PublishVideo/,
    resource: /:::videopick-dev-storage-videos\w+\/encoded\/\*\/(index\.m3u8|storyboard\.vtt)$/,
    actions: ['s3:PutObject'],
    reason: 'the playlist and the storyboard above the output of one version',
  },
  {
    holder: /SweepVideos/,
    resource: /:::videopick-dev-storage-videos\w+\/(encoded|thumbnails|previews)\/\*$/,
    actions: ['s3:DeleteObject', 's3:DeleteObjectVersion'],
    reason: 'output that nothing plays any more, by version of the video',
  },
  {
    holder: /PublishVideo|CheckOutput/,
    resource: /:::videopick-dev-storage-videos\w+\/(encoded|thumbnails)\/\*$/,
    actions: READ,
    reason: 'outputs are named by job and segment',
  },
  {
    holder: /EncoderRole/,
    resource: /:::videopick-dev-storage-videos\w+\/originals\/\*$/,
    actions: READ,
    reason: 'uploads are named by their uploader',
  },
  {
    holder: /EncoderRole/,
    resource: /:::videopick-dev-storage-videos\w+\/(encoded|thumbnails|previews)\/\*$/,
    actions: WRITE,
    reason: 'outputs are named by job and segment',
  },
];

const synthesized = useSynthesizedApp();
let grants: readonly Grant[];
beforeAll(() => {
  grants = readGrants();
});

interface Policy {
  readonly Statement: readonly {
    Effect: string;
    Action?: string | string[];
    Resource?: string | string[];
    NotAction?: unknown;
    NotResource?: unknown;
  }[];
}

function readGrants(): readonly Grant[] {
  return synthesized.assembly.resources.flatMap(({ stack, logicalId, type, properties }) => {
    const inline = ((properties.Policies ?? []) as readonly { PolicyDocument: Policy }[]).map(({ PolicyDocument }) => PolicyDocument);
    const documents = type === 'AWS::IAM::Policy' ? [properties.PolicyDocument as Policy] : type === 'AWS::IAM::Role' ? inline : [];
    return documents.flatMap(({ Statement: statements }) =>
      statements
        .filter(({ Effect }) => Effect === 'Allow')
        .flatMap(({ Action = [], Resource: resources = [], ...rest }) => {
          expect(rest, `${stack}/${logicalId}`).not.toHaveProperty('NotAction');
          expect(rest, `${stack}/${logicalId}`).not.toHaveProperty('NotResource');
          return [resources].flat().map((resource) => ({ holder: `${stack}/${logicalId}`, actions: [Action].flat(), resource }));
        }),
    );
  });
}

describe('what roles may do', () => {
  it('never names all actions, nor all of a service', () => {
    const actions = grants.flatMap((grant) => grant.actions);
    expect(actions.length).toBeGreaterThan(50);
    expect(actions.filter((action) => !/^[a-z0-9-]+:[A-Z][A-Za-z]+\*?$/.test(action))).toEqual([]);
  });

  it('reaches beyond one resource only where the list above says why, and does no more there than listed', () => {
    const wildcards = grants.filter(({ resource }) => /[*?]/.test(resource));
    const unlisted = wildcards.filter(
      (grant) =>
        !WILDCARDS.some(
          ({ holder, resource, actions }) =>
            holder.test(grant.holder) && resource.test(grant.resource) && grant.actions.every((action) => actions.includes(action)),
        ),
    );
    expect(unlisted).toEqual([]);
    const gone = WILDCARDS.filter(
      ({ holder, resource }) => !wildcards.some((grant) => holder.test(grant.holder) && resource.test(grant.resource)),
    );
    expect(gone.map(({ holder, resource }) => `${holder} on ${resource}`)).toEqual([]);
  });

  it('comes from no managed policy, but for the function that CDK adds to the deploy', () => {
    const managed = synthesized.resources('AWS::IAM::Role').filter(({ properties }) => properties.ManagedPolicyArns !== undefined);
    expect(managed.map(({ logicalId }) => logicalId)).toEqual([expect.stringMatching(/^AWSCDKTriggerCustomResourceProvider/)]);
  });

  it('passes on the encoder’s role alone, and each role is one service’s', () => {
    const passes = grants.filter(({ actions }) => actions.includes('iam:PassRole'));
    expect(passes.map(({ resource }) => resource)).toEqual([
      expect.stringMatching(/:role\/videopick-dev-transcoding-TranscodeEncoderRole/),
    ]);
    const principals = synthesized
      .resources('AWS::IAM::Role')
      .flatMap(({ properties }) => (properties.AssumeRolePolicyDocument as { Statement: { Principal: { Service: string } }[] }).Statement)
      .map(({ Principal: { Service: service } }) => service);
    expect([...new Set(principals)].sort()).toEqual(
      ['appconfig', 'events', 'lambda', 'mediaconvert', 'scheduler', 'states'].map((service) => `${service}.amazonaws.com`),
    );
  });

  it('writes the edge’s store with the two functions that are there for it, and never its keys one by one', () => {
    const ofStore = grants.filter(({ actions }) => actions.some((action) => action.startsWith('cloudfront-keyvaluestore:')));
    expect(ofStore.map(({ holder, actions }) => [holder.replace(/^.*\/(\w+)RoleDefaultPolicy\w+$/, '$1'), [...actions].sort()])).toEqual(
      expect.arrayContaining([
        ['RouteViewers', ['DescribeKeyValueStore', 'GetKey', 'UpdateKeys'].map((action) => `cloudfront-keyvaluestore:${action}`)],
        ['HideVideos', ['DescribeKeyValueStore', 'ListKeys', 'UpdateKeys'].map((action) => `cloudfront-keyvaluestore:${action}`)],
      ]),
    );
    expect(ofStore).toHaveLength(2);
  });

  it('touches the secret and the cluster alone in the database', () => {
    const { ClusterArn: cluster, SecretArn: secret } = synthesized.assembly.outputs;
    const signing = synthesized.assembly.outputs.SigningSecretArn;
    const ofDatabase = grants.filter(
      ({ actions, resource }) => resource !== signing && actions.some((action) => /^(rds|secretsmanager)/.test(action)),
    );
    expect(new Set(ofDatabase.map(({ resource }) => resource))).toEqual(new Set([cluster, secret]));
  });
});
