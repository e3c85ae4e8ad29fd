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
    groupsOf(settings).some(([group]) => group.OutputGroupSettings?.HlsGroupSettings !== undefined)
      ? []
      : ['$.Settings.OutputGroups holds frame captures only; the service needs at least one other output in a job'],
  (settings) =>
    groupsOf(settings)
      .filter(([group]) => group.OutputGroupSettings?.HlsGroupSettings !== undefined)
      .slice(1)
      .map(([, path]) => `${path} is a second HLS group; supported: one`),
  (settings) => groupsOf(settings).flatMap(([group, path]) => checkNameModifiers(group.Outputs ?? [], path)),
  (settings) => outputsOf(settings).flatMap(({ output, path }) => checkPicture(output, `${path}.VideoDescription`)),
  (settings) => outputsOf(settings).flatMap(({ output, path }) => checkAudioSource(settings, output, path)),
  (settings) => outputsOf(settings).flatMap(({ output, path, group }) => checkSegments(group, output, path)),
];

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
