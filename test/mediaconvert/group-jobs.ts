import type { CreateJobRequest, HlsImageBasedTrickPlaySettings, OutputGroup } from '@aws-sdk/client-mediaconvert';
import { hlsLadderJob, type JobFixture, LADDER } from './job-fixture.ts';

export interface GroupJobFixture extends JobFixture {
  readonly storyboard?: HlsImageBasedTrickPlaySettings;
}

/** A CreateJob request as the pipeline makes it: one HLS group a rung, the storyboard with the lowest, and the poster. */
export function rungGroupsJob({
  storyboard = {
    IntervalCadence: 'FOLLOW_CUSTOM',
    ThumbnailInterval: 2,
    ThumbnailWidth: 64,
    ThumbnailHeight: 36,
    TileWidth: 2,
    TileHeight: 2,
  },
  rungs = LADDER.slice(1),
  bucket = 'videos',
  destination = 'encoded/video-1/v1',
  ...fixture
}: GroupJobFixture = {}): CreateJobRequest {
  const job = hlsLadderJob({ ...fixture, rungs, bucket, destination });
  const [ladder, ...others] = job.Settings?.OutputGroups ?? [];
  const groups = rungs.map((rung, index): OutputGroup => {
    const trickPlay = { ImageBasedTrickPlay: 'ADVANCED', ImageBasedTrickPlaySettings: storyboard } as const;
    return {
      Name: rung.name,
      OutputGroupSettings: {
        Type: 'HLS_GROUP_SETTINGS',
        HlsGroupSettings: {
          ...ladder?.OutputGroupSettings?.HlsGroupSettings,
          Destination: `s3://${bucket}/${destination}/${rung.name}/index`,
          ...(index === rungs.length - 1 ? trickPlay : {}),
        },
      },
      Outputs: [{ ...ladder?.Outputs?.[index], NameModifier: `_${rung.name}` }],
    };
  });
  return { ...job, Settings: { ...job.Settings, OutputGroups: [...groups, ...others] } };
}

/** A CreateJob request for a preview: a clip of the input as one silent MP4. */
export function previewJob(clip: { StartTimecode?: string; EndTimecode?: string }, fixture: JobFixture = {}): CreateJobRequest {
  const job = hlsLadderJob({ ...fixture, audio: false });
  const { OutputGroups: [ladder] = [], Inputs: [input] = [], ...settings } = job.Settings ?? {};
  return {
    ...job,
    Settings: {
      ...settings,
      Inputs: [{ ...input, InputClippings: [clip] }],
      OutputGroups: [
        {
          Name: 'Preview',
          OutputGroupSettings: {
            Type: 'FILE_GROUP_SETTINGS',
            FileGroupSettings: { Destination: 's3://videos/previews/video-1/v1/preview' },
          },
          Outputs: [
            {
              ContainerSettings: { Container: 'MP4', Mp4Settings: { MoovPlacement: 'PROGRESSIVE_DOWNLOAD' } },
              VideoDescription: ladder?.Outputs?.[0]?.VideoDescription,
            },
          ],
        },
      ],
    },
  };
}
