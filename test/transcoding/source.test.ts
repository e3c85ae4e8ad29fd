import { type Container, MediaConvertClient, ProbeCommand, type VideoProperties } from '@aws-sdk/client-mediaconvert';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { type HeaderFacts, inspectSource, probeWith, sourceFacts } from '../../lambdas/transcoding/source.ts';
import { bytesOf, isoFile } from './media-files.ts';

const mock = mockClient(new MediaConvertClient({ region: 'ap-northeast-2' }));
const probe = probeWith(mock as unknown as MediaConvertClient);
beforeEach(() => mock.reset());

function container(video: VideoProperties = {}, fields: Partial<Container> = {}): Container {
  const properties = { Width: 1920, Height: 1080, FrameRate: { Numerator: 30, Denominator: 1 }, ...video };
  return { Format: 'mp4', Duration: 10, Tracks: [{ TrackType: 'video', Codec: 'AVC', VideoProperties: properties }], ...fields };
}

const pictureOf = (video: VideoProperties, header: HeaderFacts = {}, format: Parameters<typeof sourceFacts>[0] = 'mp4') => {
  const codec = format === 'webm' ? 'VP9' : format === 'avi' ? 'MJPEG' : 'AVC';
  const [track] = container(video).Tracks ?? [];
  const facts = sourceFacts(format, container({}, { Tracks: [{ ...track, Codec: codec }] }), header);
  return typeof facts === 'string' ? facts : `${facts.picture.widthPx}x${facts.picture.heightPx}`;
};

describe('the facts of a source', () => {
  it('are those of its first video track, wherever that stands', () => {
    const audio = { TrackType: 'audio' as const, Codec: 'AAC' as const, AudioProperties: { Channels: 6 } };
    const fields = { Tracks: [{ TrackType: 'data' as const }, audio, ...(container().Tracks ?? [])], Duration: 3.25 };
    expect(sourceFacts('mp4', container({}, fields), {})).toEqual({
      container: 'mp4',
      videoCodec: 'AVC',
      audioCodec: 'AAC',
      audioChannels: 6,
      picture: { widthPx: 1920, heightPx: 1080 },
      rotationDegrees: 0,
      frameRate: { numerator: 30, denominator: 1 },
      variableFrameRate: false,
      interlaced: false,
      hdr: null,
      otherColours: false,
      durationSeconds: 3.25,
    });
    expect(sourceFacts('mp4', container(), {})).toMatchObject({ audioCodec: null, audioChannels: 0 });
  });

  it.each([
    [
      { Numerator: 30_000, Denominator: 1_001 },
      { numerator: 30_000, denominator: 1_001 },
    ],
    [
      { Numerator: 25, Denominator: 0 },
      { numerator: 30, denominator: 1 },
    ],
    [undefined, { numerator: 30, denominator: 1 }],
  ])('read a frame rate of %j as %j', (FrameRate, expected) => {
    expect(sourceFacts('mp4', container({ FrameRate }), {})).toMatchObject({ frameRate: expected });
  });

  it.each([
    [0, '1920x1080'],
    [90, '1080x1920'],
    [-90, '1080x1920'],
    [180, '1920x1080'],
    [270, '1080x1920'],
    [450, '1080x1920'],
  ])('stand upright after a rotation of %i degrees, by the header or by Probe', (degrees, expected) => {
    expect(pictureOf({ Rotation: degrees })).toBe(expected);
    expect(pictureOf({}, { rotationDegrees: degrees })).toBe(expected);
  });

  it('are turned where MediaConvert turns: in MP4 and QuickTime alone', () => {
    expect(pictureOf({ Rotation: 90 }, {}, 'quicktime')).toBe('1080x1920');
    for (const format of ['matroska', 'webm', 'avi'] as const) expect(pictureOf({ Rotation: 90 }, {}, format)).toBe('1920x1080');
  });

  it('have square pixels', () => {
    const SampleAspectRatio = { Numerator: 64, Denominator: 45 };
    expect(pictureOf({ Width: 720, Height: 576, SampleAspectRatio })).toBe('1024x576');
    expect(pictureOf({ Width: 720, Height: 576, SampleAspectRatio, Rotation: 90 })).toBe('576x1024');
    expect(pictureOf({ Width: 720, Height: 576 }, { pixelAspect: 64 / 45 })).toBe('1024x576');
    expect(pictureOf({ SampleAspectRatio: { Numerator: 0, Denominator: 0 } })).toBe('1920x1080');
  });

  it('tell interlacing, HDR and colours that are not of BT.709', () => {
    const of = (video: VideoProperties, header: HeaderFacts = {}) => sourceFacts('mp4', container(video), header);
    expect(of({ CodecMetadata: { ScanType: 'Interlaced' } })).toMatchObject({ interlaced: true });
    expect(of({ CodecMetadata: { ScanType: 'Progressive' } })).toMatchObject({ interlaced: false });
    expect(of({ TransferCharacteristics: 'SMPTE_2084' })).toMatchObject({ hdr: 'PQ', otherColours: true });
    expect(of({}, { transfer: 18 })).toMatchObject({ hdr: 'HLG', otherColours: true });
    expect(of({ ColorPrimaries: 'ITU_470BG' })).toMatchObject({ hdr: null, otherColours: true });
    expect(of({ ColorPrimaries: 'ITU_709', MatrixCoefficients: 'ITU_709' })).toMatchObject({ otherColours: false });
    expect(of({ ColorPrimaries: 'UNSPECIFIED' })).toMatchObject({ otherColours: false });
  });

  it('are as long as the picture, not as sound that goes on behind it', () => {
    const [video] = container().Tracks ?? [];
    const tracks = [
      { ...video, Duration: 5 },
      { TrackType: 'audio' as const, Codec: 'AAC' as const, Duration: 9 },
    ];
    expect(sourceFacts('mp4', container({}, { Duration: 9, Tracks: tracks }), {})).toMatchObject({ durationSeconds: 5 });
  });

  it('are as long as from the start of the file’s clock to its end', () => {
    expect(sourceFacts('matroska', container({}, { Duration: 17 }), { startSeconds: 10 })).toMatchObject({ durationSeconds: 7 });
    expect(sourceFacts('matroska', container({}, { Duration: 7 }), { startSeconds: 10 })).toMatchObject({ durationSeconds: 7 });
  });

  it('of a single picture are as long as that picture', () => {
    expect(sourceFacts('mp4', container({}, { Duration: 0 }), {})).toMatchObject({ durationSeconds: 1 / 30 });
  });

  it.each<[string, Container | undefined, string]>([
    ['no container', undefined, 'NOT_A_VIDEO'],
    ['no tracks', { Format: 'mp4' }, 'NO_VIDEO_TRACK'],
    ['sound alone', { Tracks: [{ TrackType: 'audio' }] }, 'NO_VIDEO_TRACK'],
    ['a video track without a size', container({ Width: 0 }), 'NO_VIDEO_TRACK'],
    ['a video track without a height', container({ Height: undefined }), 'NO_VIDEO_TRACK'],
    ['a video track without properties', { Tracks: [{ TrackType: 'video' }] }, 'NO_VIDEO_TRACK'],
    ['a codec without a name', container({}, { Tracks: [{ ...container().Tracks?.[0], Codec: 'UNKNOWN' }] }), 'UNSUPPORTED_CODEC'],
  ])('are a rejection where there is %s', (_what, found, code) => {
    expect(sourceFacts('mp4', found, {})).toBe(code);
  });

  it('are a rejection where MediaConvert does not decode the codec in its container', () => {
    const of = (format: Parameters<typeof sourceFacts>[0], video: 'AVC' | 'VP9' | 'MJPEG', audio?: 'AAC' | 'VORBIS') =>
      sourceFacts(
        format,
        { Tracks: [{ ...container().Tracks?.[0], Codec: video }, ...(audio ? [{ TrackType: 'audio' as const, Codec: audio }] : [])] },
        {},
      );
    expect(of('webm', 'VP9', 'VORBIS')).toMatchObject({ videoCodec: 'VP9' });
    expect(of('webm', 'AVC')).toBe('UNSUPPORTED_CODEC');
    expect(of('matroska', 'AVC', 'VORBIS')).toBe('UNSUPPORTED_CODEC');
    expect(of('avi', 'AVC')).toBe('UNSUPPORTED_CODEC');
    expect(of('avi', 'MJPEG')).toMatchObject({ container: 'avi' });
  });
});

describe('an inspection', () => {
  const inspect = (file: Buffer, probed: Container | undefined = container()) => {
    let probes = 0;
    const result = inspectSource(bytesOf(file), async () => {
      probes += 1;
      return probed;
    });
    return result.then((facts) => ({ facts, probes }));
  };

  it('shows no demuxer what its first bytes or its header rule out', async () => {
    expect(await inspect(Buffer.from('#EXTM3U\n/etc/passwd\n'))).toEqual({ facts: 'TEXT_FILE', probes: 0 });
    expect(await inspect(isoFile({ handler: 'soun' }))).toEqual({ facts: 'NO_VIDEO_TRACK', probes: 0 });
    expect(await inspect(isoFile({ frames: [] }))).toEqual({ facts: 'NO_FRAMES', probes: 0 });
    expect(await inspect(isoFile({ sampleEntry: 'encv' }))).toEqual({ facts: 'ENCRYPTED', probes: 0 });
    const file = isoFile({ moovFirst: false });
    expect(await inspect(file.subarray(0, 500))).toEqual({ facts: 'TRUNCATED', probes: 0 });
    const archive = Buffer.from('PK\x03\x04, an archive behind a whole video');
    expect(await inspect(Buffer.concat([file, archive]))).toEqual({ facts: 'FOREIGN_DATA', probes: 0 });
    expect(await inspect(isoFile({ moovFirst: true }).subarray(0, -1))).toEqual({ facts: 'TRUNCATED', probes: 0 });
  });

  it('joins what the header says with what Probe does', async () => {
    const { facts, probes } = await inspect(
      isoFile({
        rotationDegrees: 90,
        frames: [
          [50, 40],
          [50, 20],
        ],
        transfer: 16,
      }),
    );
    expect(probes).toBe(1);
    expect(facts).toMatchObject({ picture: { widthPx: 1080, heightPx: 1920 }, variableFrameRate: true, hdr: 'PQ', durationSeconds: 10 });
  });
});

describe('the probe', () => {
  it('reads the object where it is', async () => {
    mock.on(ProbeCommand).resolves({ ProbeResults: [{ Container: container() }] });
    const key = 'originals/v1/한 글 +%2F.mp4';
    expect(await probe('videos', key)).toMatchObject({ Format: 'mp4' });
    expect(mock.commandCalls(ProbeCommand)[0]?.args[0].input).toEqual({ InputFiles: [{ FileUrl: `s3://videos/${key}` }] });
  });

  it('has nothing to say of a file that MediaConvert cannot read', async () => {
    mock.on(ProbeCommand).rejects(Object.assign(new Error('broken'), { name: 'BadRequestException' }));
    expect(await probe('videos', 'k')).toBeUndefined();
    mock.on(ProbeCommand).resolves({});
    expect(await probe('videos', 'k')).toBeUndefined();
  });

  it.each(['TooManyRequestsException', 'InternalServerErrorException', 'ForbiddenException', 'TimeoutError'])(
    'blames no upload for %s',
    async (name) => {
      mock.on(ProbeCommand).rejects(Object.assign(new Error(name), { name }));
      await expect(probe('videos', 'k')).rejects.toMatchObject({ name });
    },
  );
});
