import { type Container, MediaConvertClient, ProbeCommand, type VideoProperties } from '@aws-sdk/client-mediaconvert';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { probeWith, sourceFacts } from '../../lambdas/transcoding/source.ts';
import { upload } from './uploads.ts';

const mock = mockClient(new MediaConvertClient({ region: 'ap-northeast-2' }));
const probe = probeWith(mock as unknown as MediaConvertClient);
beforeEach(() => mock.reset());

function container(video: VideoProperties = {}, fields: Partial<Container> = {}): Container {
  const properties = { Width: 1920, Height: 1080, FrameRate: { Numerator: 30, Denominator: 1 }, ...video };
  return { Format: 'mp4', Duration: 10, Tracks: [{ TrackType: 'video', VideoProperties: properties }], ...fields };
}

const pictureOf = (video: VideoProperties, format: Container['Format'] = 'mp4') => {
  const facts = sourceFacts(container(video, { Format: format }));
  return typeof facts === 'string' ? facts : `${facts.picture.widthPx}x${facts.picture.heightPx}`;
};

describe('the facts of a source', () => {
  it('are those of its first video track, wherever that stands', () => {
    const audio = { TrackType: 'audio' as const };
    const fields = { Tracks: [{ TrackType: 'data' as const }, audio, ...(container().Tracks ?? [])], Duration: 3.25 };
    expect(sourceFacts(container({}, fields))).toEqual({
      picture: { widthPx: 1920, heightPx: 1080 },
      framesPerSecond: 30,
      durationSeconds: 3.25,
      hasAudio: true,
    });
    expect(sourceFacts(container())).toMatchObject({ hasAudio: false });
  });

  it.each([
    [{ Numerator: 30_000, Denominator: 1_001 }, 29.97],
    [{ Numerator: 25, Denominator: 0 }, 25],
    [undefined, 30],
  ])('read a frame rate of %j as %f', (FrameRate, expected) => {
    expect(sourceFacts(container({ FrameRate }))).toMatchObject({ framesPerSecond: expect.closeTo(expected, 2) });
  });

  it.each([
    [0, '1920x1080'],
    [90, '1080x1920'],
    [-90, '1080x1920'],
    [180, '1920x1080'],
    [270, '1080x1920'],
    [450, '1080x1920'],
  ])('stand upright after a rotation of %i degrees', (Rotation, expected) => {
    expect(pictureOf({ Rotation } as VideoProperties)).toBe(expected);
  });

  it('are turned where MediaConvert turns: in MP4 and QuickTime alone', () => {
    expect(pictureOf({ Rotation: 90 } as VideoProperties, 'quicktime')).toBe('1080x1920');
    for (const format of ['matroska', 'webm', 'avi'] as const) {
      expect(pictureOf({ Rotation: 90 } as VideoProperties, format as Container['Format'])).toBe('1920x1080');
    }
  });

  it('have square pixels', () => {
    expect(pictureOf({ Width: 720, Height: 576, SampleAspectRatio: { Numerator: 64, Denominator: 45 } } as VideoProperties)).toBe(
      '1024x576',
    );
    expect(
      pictureOf({ Width: 720, Height: 576, SampleAspectRatio: { Numerator: 64, Denominator: 45 }, Rotation: 90 } as VideoProperties),
    ).toBe('576x1024');
    expect(pictureOf({ SampleAspectRatio: { Numerator: 0, Denominator: 0 } } as VideoProperties)).toBe('1920x1080');
  });

  it.each([
    ['no container', undefined, 'NOT_A_VIDEO'],
    ['no tracks', { Format: 'mp4' }, 'NO_VIDEO_TRACK'],
    ['sound alone', { Tracks: [{ TrackType: 'audio' }] }, 'NO_VIDEO_TRACK'],
    ['a video track without a size', container({ Width: 0 }), 'NO_VIDEO_TRACK'],
    ['a video track without a height', container({ Height: undefined }), 'NO_VIDEO_TRACK'],
    ['a video track without properties', { Tracks: [{ TrackType: 'video' }] }, 'NO_VIDEO_TRACK'],
  ] as [string, Container | undefined, string][])('are a rejection where there is %s', (_what, found, code) => {
    expect(sourceFacts(found)).toBe(code);
  });
});

describe('the probe', () => {
  it('reads the object where it is', async () => {
    mock.on(ProbeCommand).resolves({ ProbeResults: [{ Container: container() }] });
    expect(await probe(upload())).toMatchObject({ picture: { widthPx: 1920 } });
    expect(mock.commandCalls(ProbeCommand)[0]?.args[0].input).toEqual({ InputFiles: [{ FileUrl: 's3://videos/originals/v1/clip.mp4' }] });
  });

  it('takes a file that MediaConvert cannot read, or says nothing of, for no video', async () => {
    mock.on(ProbeCommand).rejects(Object.assign(new Error('broken'), { name: 'BadRequestException' }));
    expect(await probe(upload())).toBe('NOT_A_VIDEO');
    mock.on(ProbeCommand).resolves({});
    expect(await probe(upload())).toBe('NOT_A_VIDEO');
  });

  it.each(['TooManyRequestsException', 'InternalServerErrorException', 'ForbiddenException', 'TimeoutError'])(
    'blames no upload for %s',
    async (name) => {
      mock.on(ProbeCommand).rejects(Object.assign(new Error(name), { name }));
      await expect(probe(upload())).rejects.toMatchObject({ name });
    },
  );
});
