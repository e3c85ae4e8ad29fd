import type { CreateJobRequest } from '@aws-sdk/client-mediaconvert';
import { expect, it } from 'vitest';
import { checkJob } from '../../local/mediaconvert/check-job.ts';
import { hlsLadderJob, LADDER } from './job-fixture.ts';

/** The fixture with one member set, by path; undefined removes it. */
function jobWith(path: string, value: unknown): CreateJobRequest {
  const job = structuredClone(hlsLadderJob());
  const keys = path.split(/[.[\]]+/).filter((key) => key !== '');
  const last = keys.pop() ?? '';
  const owner = keys.reduce<Record<string, unknown>>(
    (inner, key) => {
      inner[key] ??= {};
      return inner[key] as Record<string, unknown>;
    },
    job as unknown as Record<string, unknown>,
  );
  owner[last] = value;
  return job;
}

const rung = 'Settings.OutputGroups[0].Outputs[1]';
const h264 = `${rung}.VideoDescription.CodecSettings.H264Settings`;
const hls = 'Settings.OutputGroups[0].OutputGroupSettings.HlsGroupSettings';
const poster = 'Settings.OutputGroups[1].Outputs[0]';

it("lets the pipeline's job through, with and without audio, with any number of rungs", () => {
  for (const job of [
    hlsLadderJob(),
    hlsLadderJob({ audio: false }),
    hlsLadderJob({ rungs: LADDER }),
    hlsLadderJob({ rungs: LADDER.slice(3) }),
  ]) {
    expect(() => checkJob(job)).not.toThrow();
  }
});

it.each([
  // unknown anywhere
  ['HopDestinations', []],
  ['Settings.Esam', {}],
  ['Settings.Inputs[0].ImageInserter', {}],
  ['Settings.Inputs[0].InputClippings', [{}]],
  ['Settings.Inputs[0].InputClippings', [{ StartTimecode: '1 s' }]],
  ['Settings.Inputs[0].VideoSelector.Pid', 1],
  [`${hls}.Encryption`, {}],
  [`${hls}.AdditionalManifests`, []],
  [`${rung}.CaptionDescriptions`, []],
  [`${rung}.OutputSettings.HlsSettings.AudioGroupId`, 'program_audio'],
  [`${rung}.ContainerSettings.M3u8Settings.PatInterval`, 0],
  [`${rung}.VideoDescription.Crop`, {}],
  [`${rung}.VideoDescription.VideoPreprocessors.TimecodeBurnin`, {}],
  [`${h264}.PerFrameMetrics`, ['PSNR']],
  [`${h264}.constructor`, 1],
  [`${poster}.AudioDescriptions`, []],
  // known, with a value that is not executed
  ['AccelerationSettings.Mode', 'ENABLED'],
  ['Settings.TimecodeConfig.Source', 'EMBEDDED'],
  [`${hls}.SegmentControl`, 'SINGLE_FILE'],
  [`${hls}.CodecSpecification`, 'RFC_4281'],
  [`${hls}.SegmentLength`, 6.5],
  [`${h264}.RateControlMode`, 'CBR'],
  [`${h264}.QualityTuningLevel`, 'MULTI_PASS_HQ'],
  [`${h264}.GopClosedCadence`, 0],
  [`${h264}.GopSizeUnits`, 'FRAMES'],
  [`${h264}.MaxBitrate`, '4000000'],
  [`${h264}.QvbrSettings.QvbrQualityLevel`, 11],
  [`${rung}.VideoDescription.ScalingBehavior`, 'SMART_CROP'],
  [`${rung}.VideoDescription.CodecSettings.Codec`, 'H_265'],
  [`${rung}.NameModifier`, '_$h$'],
  [`${rung}.AudioDescriptions[0].CodecSettings.AacSettings.CodecProfile`, 'HEV1'],
  ['Settings.OutputGroups[0].OutputGroupSettings.Type', 'DASH_ISO_GROUP_SETTINGS'],
  ['Settings.Inputs[0].FileInput', 'https://example.com/a.mp4'],
  ['Role', 'admin'],
  // at odds with another member
  [`${rung}.NameModifier`, '/720p/index'],
  [`${rung}.NameModifier`, undefined],
  [`${rung}.VideoDescription.Width`, 853],
  [`${rung}.AudioDescriptions[0].AudioSourceName`, 'Audio Selector 2'],
  [`${h264}.GopSize`, 4],
  [`${h264}.FramerateNumerator`, 30],
  // missing
  [`${h264}.MaxBitrate`, undefined],
  [`${hls}.Destination`, undefined],
  ['Settings.Inputs', undefined],
])('refuses %s = %j by its path', (path, value) => {
  const name = path.endsWith('FramerateNumerator') ? 'FramerateNumerator' : path;
  expect(() => checkJob(jobWith(path, value))).toThrow(
    expect.objectContaining({ code: 'BadRequestException', status: 400, message: expect.stringContaining(name) }),
  );
});

it('names every problem at once', () => {
  const job = jobWith(`${h264}.Softness`, 3);
  Object.assign(job, { Priority: 99 });
  expect(() => checkJob(job)).toThrow(/Softness is 3.*; Priority is 99/);
});

it('refuses a job of frame captures alone, as the service does', () => {
  const job = hlsLadderJob();
  job.Settings?.OutputGroups?.shift();
  expect(() => checkJob(job)).toThrow(/frame captures only/);
});

it('refuses two groups that write the same files', () => {
  const job = hlsLadderJob();
  job.Settings?.OutputGroups?.push(structuredClone(job.Settings.OutputGroups[0] ?? {}));
  expect(() => checkJob(job)).toThrow(/OutputGroups\[2\] writes s3:\/\/videos\/encoded\/video-1\/v1\.m3u8, as an earlier group does/);
});

it.each([[undefined], [null], ['job'], [[]], [7]])('refuses %j as a request', (request) => {
  expect(() => checkJob(request)).toThrow(expect.objectContaining({ code: 'BadRequestException' }));
});
