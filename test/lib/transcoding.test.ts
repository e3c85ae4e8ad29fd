import { describe, expect, it } from 'vitest';
import { readEnvironment } from '../../config/index.ts';
import { MAX_UPLOAD_MIB } from '../../lambdas/transcoding/upload.ts';
import { Specs } from '../../local/cloud/specs.ts';
import { EventBridge } from '../../local/eventbridge/event-bridge.ts';
import { jobEvent } from '../../local/mediaconvert/events.ts';
import { expectSchedule } from './expect-schedule.ts';
import { useSynthesizedApp } from './synthesized-app.ts';

const synthesized = useSynthesizedApp();
const { resources: all } = synthesized;

describe('delivery', () => {
  it('lets the upload page alone send parts to the bucket', () => {
    const cors = all('AWS::S3::Bucket').map(({ properties }) => properties.CorsConfiguration);
    expect(cors.filter((configuration) => configuration !== undefined)).toEqual([
      {
        CorsRules: [
          {
            AllowedOrigins: readEnvironment('dev').uploadOrigins,
            AllowedMethods: ['PUT'],
            AllowedHeaders: ['x-amz-checksum-sha256', 'content-type'],
            ExposedHeaders: ['ETag'],
            MaxAge: 3600,
          },
        ],
      },
    ]);
  });
});

describe('functions', () => {
  const environmentOf = (name: string) => {
    const found = all('AWS::Lambda::Function').find(({ properties }) => properties.FunctionName === `videopick-dev-${name}`);
    return (found?.properties.Environment as { readonly Variables: Readonly<Record<string, string>> } | undefined)?.Variables;
  };

  it('need no settings where a paid encode is finished', () => {
    expect(environmentOf('inspect-upload')).toHaveProperty('SETTINGS_PATH');
    expect(environmentOf('note-encoded')).toHaveProperty('CLUSTER_ARN');
    expect(environmentOf('note-encoded')).not.toHaveProperty('SETTINGS_PATH');
  });

  it('take uploads as large as inspection does', () => {
    expect(environmentOf('upload-api')).toMatchObject({ MAX_VIDEO_SIZE_MB: String(MAX_UPLOAD_MIB) });
  });
});

describe('what starts by itself', () => {
  const SWEEP_VIDEOS = 'arn:aws:lambda:ap-northeast-2:000000000000:function:videopick-dev-sweep-videos';

  it(`is ${SWEEP_VIDEOS} at rate(15 minutes) in Etc/UTC, with empty input`, () => {
    expectSchedule(synthesized, SWEEP_VIDEOS, 'rate(15 minutes)', 'Etc/UTC');
  });

  it('is the progress of jobs of this environment’s transcodes alone', async () => {
    const placement = { region: 'ap-northeast-2', accountId: '000000000000' };
    const delivered: unknown[] = [];
    const bus = new EventBridge({
      ...placement,
      rules: new Specs(synthesized.assembly).rules(),
      deliver: async (arn, event) => void delivered.push([arn, (event as ReturnType<typeof jobEvent>).detail.userMetadata.execution]),
      onDeliveryFailure: ({ error }) => {
        throw error;
      },
    });
    const executions = ['dev-transcode', 'prod-transcode', 'dev-transcode-2', 'dev-rollout'].map(
      (machine) => `arn:aws:states:ap-northeast-2:000000000000:execution:videopick-${machine}:e1`,
    );
    for (const execution of executions) {
      const job = { UserMetadata: { uploadId: 'u1', kind: 'hls', execution }, Role: '', Settings: {} };
      await bus.publish(jobEvent(job, { now: new Date(), ...placement }, { status: 'PROGRESSING' }));
    }
    expect(delivered).toEqual([['arn:aws:lambda:ap-northeast-2:000000000000:function:videopick-dev-record-progress', executions[0]]]);
  });

  it('is the transcode of what arrives under originals/ of the videos bucket, with the event as it is', () => {
    const [rule, ...others] = all('AWS::Events::Rule').filter(({ logicalId }) => logicalId.startsWith('TranscodeUploadArrived'));
    expect(others).toEqual([]);
    const properties = rule?.properties ?? {};
    expect(properties).toMatchObject({
      State: 'ENABLED',
      EventPattern: {
        source: ['aws.s3'],
        'detail-type': ['Object Created'],
        detail: { bucket: { name: [synthesized.assembly.outputs.VideosBucketName] }, object: { key: [{ prefix: 'originals/' }] } },
      },
    });
    const targets = properties.Targets as readonly Record<string, unknown>[];
    expect(targets.map(({ Arn }) => Arn)).toEqual([synthesized.assembly.outputs.TranscodeArn]);
    for (const member of ['Input', 'InputPath', 'InputTransformer']) expect(targets[0]).not.toHaveProperty(member);
  });
});
