import { AwsSolutionsChecks } from 'cdk-nag';
import { expect, it } from 'vitest';
import { useSynthesizedApp } from './synthesized-app.ts';

interface Accepted {
  readonly rule: RegExp;
  readonly path: RegExp;
  readonly reason: string;
}

/** Findings of AwsSolutions that are accepted, each with its reason. A row without a finding is as wrong as a finding without a row. */
const ACCEPTED: readonly Accepted[] = [
  {
    rule: /^S1$/,
    path: /^(Storage\/(Videos|Statics)|Migration\/Steps\/Reports)\/Resource$/,
    reason: 'no server access logs in dev: who changed an object is in CloudTrail, who watched is nobody’s business',
  },
  { rule: /^SQS3$/, path: /^Alerts\/DeadLetters\/Resource$/, reason: 'it is the queue of dead letters; its alarm is heard at the first' },
  {
    rule: /^VPC7$/,
    path: /^Database\/Database\/Network\/Resource$/,
    reason: 'no flow log: the network has no way in and no way out, and no Lambda in it',
  },
  {
    rule: /^SMG4$/,
    path: /^Database\/Database\/Cluster\/Secret\/Resource$/,
    reason: 'rotation comes with the environments that keep data, together with a secret that is not the master’s',
  },
  {
    rule: /^SMG4$/,
    path: /^Api\/AppApi\/OriginSecret\/Resource$/,
    reason: 'both sides take it at a deploy; rotated by hand, with a deploy (docs/decisions/0015-uploads.md)',
  },
  {
    rule: /^RDS6$/,
    path: /^Database\/Database\/Cluster\/Resource$/,
    reason: 'nobody connects to the cluster: the Data API signs in with the secret, and calls to it are under IAM',
  },
  {
    rule: /^RDS10$/,
    path: /^Database\/Database\/Cluster\/Resource$/,
    reason: 'dev forgets its data with its stack; keepData turns deletion protection on',
  },
  {
    rule: /^SF1$/,
    path: /\/StateMachine\/Resource$/,
    reason: 'errors are logged; every event with its data stays in the execution history for 90 days',
  },
  {
    rule: /^SF2$/,
    path: /\/StateMachine\/Resource$/,
    reason: 'no X-Ray: the execution history gives each state its time, and the steps call one service',
  },
  { rule: /^CFR1$/, path: /^Delivery\/Distribution\/Resource$/, reason: 'campaigns are watched from abroad too' },
  {
    rule: /^CFR2$/,
    path: /^Delivery\/Distribution\/Resource$/,
    reason: 'no web ACL in dev: media is static, the console is for the operators’ networks and takes commands of its own page alone',
  },
  {
    rule: /^S1$/,
    path: /^Delivery\/AccessLogs\/Resource$/,
    reason: 'it holds logs; who reads them is in CloudTrail',
  },
  {
    rule: /^SMG4$/,
    path: /^Edge\/SigningKeys\/PrivateKey$/,
    reason: 'its other half is a resource of CloudFront: a new pair comes with a deploy (docs/decisions/0018-delivery.md)',
  },
  {
    rule: /^IAM5\[Resource::<HideVideos\w+\.Arn>:\*\]$/,
    path: /^Edge\/SchedulerRoleForTarget-\w+\/DefaultPolicy\/Resource$/,
    reason: 'versions and aliases of the function that is scheduled',
  },
  {
    rule: /^CFR4$/,
    path: /^Delivery\/Distribution\/Resource$/,
    reason:
      'dev has no domain, and CloudFront’s own certificate fixes its policy at TLSv1; a domain and certificate come with staging and prod',
  },
  {
    rule: /^IAM5\[Resource::arn:aws:states:.*:execution:videopick-dev-(daily-migration|transcode|rollout):\*\]$/,
    path: /\/(OpenRun|InspectUpload|RecordProgress|SweepVideos|OpenRollout|Console)Role\/DefaultPolicy\/Resource$/,
    reason: 'a step asks whether an execution of its own machine still runs; executions are not known before',
  },
  {
    rule: /^IAM5\[Resource::<\w+\.Arn>:\*\]$/,
    path: /\/StateMachine\/Role\/DefaultPolicy\/Resource$/,
    reason: 'versions and aliases of the very functions of the machine',
  },
  {
    rule: /^IAM5\[Resource::<StepsSweepVideos\w+\.Arn>:\*\]$/,
    path: /^Transcoding\/SchedulerRoleForTarget-\w+\/DefaultPolicy\/Resource$/,
    reason: 'versions and aliases of the function that is scheduled',
  },
  {
    rule: /^IAM5\[Resource::\*\]$/,
    path: /\/StateMachine\/Role\/DefaultPolicy\/Resource$/,
    reason: 'log delivery takes no resource (Step Functions guide, logging)',
  },
  { rule: /^IAM5\[Resource::\*\]$/, path: /\/InspectUploadRole\/DefaultPolicy\/Resource$/, reason: 'mediaconvert:Probe takes no resource' },
  {
    rule: /^IAM5\[Resource::arn:aws:mediaconvert:.*:jobs\/\*\]$/,
    path: /^Transcoding\/Transcode\/StateMachine\/Role\/DefaultPolicy\/Resource$/,
    reason: 'job ids are not known before; a condition narrows it to jobs that Step Functions made',
  },
  {
    rule: /^IAM5\[Resource::<StepsReports\w+\.Arn>\/\*\]$/,
    path: /\/CloseRunRole\/DefaultPolicy\/Resource$/,
    reason: 'a report per run; the bucket holds nothing else',
  },
  {
    rule: /^IAM5\[Resource::.*StepsReports\w+\/daily-migration\/\*\.html\]$/,
    path: /^Delivery\/ConsoleRole\/DefaultPolicy\/Resource$/,
    reason: 'a page per run; only these, and only to read',
  },
  {
    rule: /^IAM5\[Resource::.*Videos\w+\/(originals|encoded|thumbnails|previews)\/\*\]$/,
    path: /^Transcoding\/(Steps\/(InspectUpload|JudgeFailure|CheckOutput|PublishVideo|SweepVideos)Role|Transcode\/EncoderRole)\/DefaultPolicy\/Resource$/,
    reason: 'one prefix of the bucket; what is under it is named by uploads',
  },
  {
    rule: /^IAM5\[Resource::.*Videos\w+\/encoded\/\*\/(index\.m3u8|storyboard\.vtt)\]$/,
    path: /^Transcoding\/Steps\/PublishVideoRole\/DefaultPolicy\/Resource$/,
    reason: 'two files per version of a video; only to write',
  },
  {
    rule: /^IAM5\[Resource::.*Videos\w+\/(temp|originals)\/\*\]$/,
    path: /^Api\/UploadApi\/HandlerRole\/DefaultPolicy\/Resource$/,
    reason: 'uploads are named by their sessions and videos; four actions on objects, none that lists the bucket or deletes',
  },
  {
    rule: /^IAM5\[Action::s3:(GetObject|GetBucket|List)\*\]$/,
    path: /^Transcoding\/(Steps\/(InspectUpload|JudgeFailure|CheckOutput|PublishVideo|SweepVideos)Role|Transcode\/EncoderRole)\/DefaultPolicy\/Resource$/,
    reason: 'what CDK grants to a reader; actions of one kind, on one bucket and prefix',
  },
  {
    rule: /^IAM5\[Resource::arn:aws:appconfig:.*\/(deployment|hostedconfigurationversion)\/\*\]$/,
    path: /^(Rollout\/(Steps\/\w+Role|Rollout\/StateMachine\/Role)|Delivery\/ConsoleRole)\/DefaultPolicy\/Resource$/,
    reason: 'deployments and versions of the rollout’s own environment and profiles; their numbers are not known before',
  },
  {
    rule: /^IAM5\[Resource::\*\]$/,
    path: /^Rollout\/Environment\/AlarmRole\/DefaultPolicy\/Resource$/,
    reason: 'as AppConfig’s guide has it: DescribeAlarms, which reads states alone',
  },
  {
    rule: /^IAM5\[Resource::arn:aws:appconfig:.*:application\/videopick-dev-flags:\w+\/environment\/\*\/configuration\/videopick-dev-flags:\w+\]$/,
    path: /^(Transcoding\/Steps\/(InspectUpload|SweepVideos)|Api\/(UploadApi\/Handler|ReadRollout|ReadStream))Role\/DefaultPolicy\/Resource$/,
    reason: 'flags and notices in the one environment of their application, which is made after its readers',
  },
  {
    rule: /^IAM5\[Action::s3:Abort\*\]$/,
    path: /\/(CloseRunRole|EncoderRole)\/DefaultPolicy\/Resource$/,
    reason: 'what CDK grants to a writer: AbortMultipartUpload',
  },
];

const synthesized = useSynthesizedApp();

function findings(): readonly { readonly rule: string; readonly path: string; readonly text: string }[] {
  const { violations } = new AwsSolutionsChecks(synthesized.app).validateScope(synthesized.app);
  return violations.flatMap(({ ruleName, description, violatingResources }) =>
    violatingResources.map(({ constructPath }) => {
      const rule = ruleName.replace('AwsSolutions-', '');
      return { rule, path: constructPath ?? '', text: `${rule} at ${constructPath}: ${description}` };
    }),
  );
}
const covers = (accepted: Accepted) => (finding: { rule: string; path: string }) =>
  accepted.rule.test(finding.rule) && accepted.path.test(finding.path);

it('has no finding of AwsSolutions but those accepted here with a reason', () => {
  const unlisted = findings().filter((finding) => !ACCEPTED.some((accepted) => covers(accepted)(finding)));
  expect(unlisted.map(({ text }) => text)).toEqual([]);
});

it('accepts no finding that has gone, and none without a rule having run', () => {
  const found = findings();
  expect(ACCEPTED.filter((accepted) => !found.some(covers(accepted))).map(({ rule, path }) => `${rule} at ${path}`)).toEqual([]);
  expect(found.filter(({ text }) => text.includes('threw an error'))).toEqual([]);
});
