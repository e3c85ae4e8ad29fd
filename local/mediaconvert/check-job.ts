import type { CreateJobRequest, JobSettings, Output, OutputGroup } from '@aws-sdk/client-mediaconvert';
import { AwsError } from '../gateway/aws-error.ts';
import { checkValue } from './rules.ts';
import { supportedJob } from './supported-settings.ts';

/**
 * Lets through exactly what `execute-job.ts` executes. Nothing is ignored: every member that is unknown, unsupported or at odds with another
 * is named with its path.
 * @throws {AwsError} BadRequestException with all of them
 */
export function checkJob(request: unknown): asserts request is CreateJobRequest {
  const problems = checkValue(supportedJob, request, '$');
  // Relations are only looked at when every member is what it should be.
  const found = problems.length > 0 ? problems : relations.flatMap((relation) => relation((request as { Settings: JobSettings }).Settings));
  if (found.length === 0) return;
  throw new AwsError('BadRequestException', found.map((problem) => problem.replace(/^\$\./, '')).join('; '));
}

type Relation = (settings: JobSettings) => string[];

/** Rules between members, which the table of single members cannot say. */
const relations: readonly Relation[] = [
  (settings) =>
    outputsOf(settings).some(({ output }) => output.VideoDescription?.CodecSettings?.H264Settings !== undefined)
      ? []
      : ['$.Settings.OutputGroups holds frame captures only; the service needs at least one other output in a job'],
  checkDestinations,
  checkClipping,
  (settings) => groupsOf(settings).flatMap(([group, path]) => checkTrickPlay(group, `${path}.OutputGroupSettings.HlsGroupSettings`)),
  (settings) => groupsOf(settings).flatMap(([group, path]) => checkNameModifiers(group.Outputs ?? [], path)),
  (settings) => outputsOf(settings).flatMap(({ output, path }) => checkPicture(output, `${path}.VideoDescription`)),
  (settings) => outputsOf(settings).flatMap(({ output, path }) => checkAudioSource(settings, output, path)),
  (settings) => outputsOf(settings).flatMap(({ output, path, group }) => checkSegments(group, output, path)),
];

/** Groups may share a bucket and a folder, not the names of their files. */
function checkDestinations(settings: JobSettings): string[] {
  const taken = new Set<string>();
  return groupsOf(settings).flatMap(([group, path]) => {
    const names = fileNames(group);
    const twice = names.find((name) => taken.has(name));
    for (const name of names) taken.add(name);
    return twice === undefined ? [] : [`${path} writes ${twice}, as an earlier group does`];
  });
}

/** What tells a group's files from another's: an HLS group also writes the playlist above its outputs. */
function fileNames({ OutputGroupSettings, Outputs = [] }: OutputGroup): string[] {
  const { HlsGroupSettings: hls, FileGroupSettings: file } = OutputGroupSettings ?? {};
  if (hls !== undefined)
    return ['', ...Outputs.map(({ NameModifier = '' }) => NameModifier)].map((name) => `${hls.Destination}${name}.m3u8`);
  return Outputs.map(({ NameModifier = '', ContainerSettings }) => {
    return `${file?.Destination}${NameModifier}${ContainerSettings?.Container === 'MP4' ? '.mp4' : '.jpg'}`;
  });
}

function checkClipping({ Inputs = [] }: JobSettings): string[] {
  return Inputs.flatMap(({ InputClippings = [] }, index) =>
    InputClippings.some(({ StartTimecode, EndTimecode }) => StartTimecode === undefined && EndTimecode === undefined)
      ? [`$.Settings.Inputs[${index}].InputClippings[0] has neither StartTimecode nor EndTimecode; one of them is needed`]
      : [],
  );
}

/** The tallest and widest sheet of thumbnails. Source: the API model, HlsImageBasedTrickPlaySettings. */
const MAX_SHEET_SIDE = 4096;

function checkTrickPlay({ OutputGroupSettings }: OutputGroup, path: string): string[] {
  const { ImageBasedTrickPlay, ImageBasedTrickPlaySettings: tiles } = OutputGroupSettings?.HlsGroupSettings ?? {};
  const settings = `${path}.ImageBasedTrickPlaySettings`;
  if (ImageBasedTrickPlay !== 'ADVANCED') return tiles === undefined ? [] : [`${settings} needs ImageBasedTrickPlay ADVANCED`];
  if (tiles === undefined) return [`${settings} is missing; ImageBasedTrickPlay ADVANCED needs it`];
  const { ThumbnailWidth = 8, ThumbnailHeight = 2, TileWidth = 1, TileHeight = 1 } = tiles;
  return [
    ...(ThumbnailWidth % 8 === 0 ? [] : [`${settings}.ThumbnailWidth is ${ThumbnailWidth}; expected a multiple of 8`]),
    ...(ThumbnailHeight % 2 === 0 ? [] : [`${settings}.ThumbnailHeight is ${ThumbnailHeight}; expected an even number`]),
    ...(ThumbnailHeight * TileHeight <= MAX_SHEET_SIDE
      ? []
      : [`${settings} makes sheets ${ThumbnailHeight * TileHeight} high; at most ${MAX_SHEET_SIDE}`]),
    ...(ThumbnailWidth * TileWidth <= MAX_SHEET_SIDE
      ? []
      : [`${settings} makes sheets ${ThumbnailWidth * TileWidth} wide; at most ${MAX_SHEET_SIDE} here`]),
  ];
}

function checkNameModifiers(outputs: readonly Output[], path: string): string[] {
  const names = outputs.map((output) => output.NameModifier);
  return names.flatMap((name, index) => {
    if (name === undefined)
      return names.length > 1 ? [`${path}.Outputs[${index}].NameModifier is missing; several outputs need one each`] : [];
    return names.indexOf(name) === index ? [] : [`${path}.Outputs[${index}].NameModifier "${name}" is taken by an earlier output`];
  });
}

function checkPicture({ VideoDescription: video }: Output, path: string): string[] {
  const h264 = video?.CodecSettings?.H264Settings;
  const sides = (['Width', 'Height'] as const).filter((name) => (video?.[name] ?? 0) % 2 !== 0);
  const atRate = h264?.FramerateControl === 'SPECIFIED';
  const hasRate = h264?.FramerateNumerator !== undefined && h264.FramerateDenominator !== undefined;
  const hasNoRate = h264?.FramerateNumerator === undefined && h264?.FramerateDenominator === undefined;
  const hasPar = h264?.ParNumerator !== undefined && h264.ParDenominator !== undefined;
  const settings = `${path}.CodecSettings.H264Settings`;
  return [
    ...sides.map((name) => `${path}.${name} is ${video?.[name]}; expected an even number`),
    ...(atRate && !hasRate ? [`${settings}.FramerateControl SPECIFIED needs FramerateNumerator and FramerateDenominator`] : []),
    ...(!atRate && !hasNoRate ? [`${settings}.FramerateNumerator and FramerateDenominator need FramerateControl SPECIFIED`] : []),
    ...(h264?.ParControl === 'SPECIFIED' && !hasPar ? [`${settings}.ParControl SPECIFIED needs ParNumerator and ParDenominator`] : []),
  ];
}

function checkAudioSource(settings: JobSettings, { AudioDescriptions = [] }: Output, path: string): string[] {
  const selectors = Object.keys(settings.Inputs?.[0]?.AudioSelectors ?? {});
  return AudioDescriptions.flatMap(({ AudioSourceName: name = '' }, index) =>
    selectors.includes(name)
      ? []
      : [
          `${path}.AudioDescriptions[${index}].AudioSourceName is "${name}"; the input's audio selectors: ${selectors.join(', ') || 'none'}`,
        ],
  );
}

function checkSegments({ OutputGroupSettings }: OutputGroup, { VideoDescription }: Output, path: string): string[] {
  const seconds = OutputGroupSettings?.HlsGroupSettings?.SegmentLength ?? 0;
  const gop = VideoDescription?.CodecSettings?.H264Settings?.GopSize ?? 1;
  return seconds % gop === 0
    ? []
    : [`${path}.VideoDescription.CodecSettings.H264Settings.GopSize is ${gop}; supported: divisors of SegmentLength ${seconds}`];
}

function groupsOf({ OutputGroups = [] }: JobSettings): [OutputGroup, string][] {
  return OutputGroups.map((group, index) => [group, `$.Settings.OutputGroups[${index}]`]);
}

function outputsOf(settings: JobSettings): { output: Output; path: string; group: OutputGroup }[] {
  return groupsOf(settings).flatMap(([group, path]) =>
    (group.Outputs ?? []).map((output, index) => ({ output, path: `${path}.Outputs[${index}]`, group })),
  );
}
