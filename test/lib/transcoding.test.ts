import { describe, expect, it } from 'vitest';
import { readEnvironment } from '../../config/index.ts';
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

describe('what starts by itself', () => {
  const SWEEP_VIDEOS = 'arn:aws:lambda:ap-northeast-2:000000000000:function:videopick-dev-sweep-videos';

  it(`is ${SWEEP_VIDEOS} at rate(15 minutes) in Etc/UTC, with empty input`, () => {
    expectSchedule(synthesized, SWEEP_VIDEOS, 'rate(15 minutes)', 'Etc/UTC');
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
