import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobSettings } from '@aws-sdk/client-mediaconvert';
import type { LocatedFfmpeg } from '../../local/ffmpeg/locate.ts';
import { runFfmpeg } from '../../local/ffmpeg/run.ts';
import { ffmpegArguments } from '../../local/mediaconvert/ffmpeg-arguments.ts';
import { planJob } from '../../local/mediaconvert/plan-job.ts';
import { prepareSource, probeInput } from '../../local/mediaconvert/prepare-source.ts';

const INPUT = 'input';
const TIME_LIMIT_MS = 3_600_000;

/**
 * How long one ffmpeg process takes for the rungs of a job alone, from one decode and with the job's own x264 settings: no poster, no storyboard, no
 * preview, nothing before it and nothing after it. In milliseconds.
 */
export async function timeBareEncode(settings: JobSettings, file: string, ffmpeg: LocatedFfmpeg, folder: string): Promise<number> {
  const directory = await mkdtemp(join(folder, 'bare-'));
  try {
    await copyFile(file, join(directory, INPUT));
    const plan = planJob(rungsOnly(settings));
    const source = prepareSource(await probeInput(ffmpeg, directory, INPUT, new AbortController().signal), plan);
    const args = ffmpegArguments(plan, source, { inputFile: INPUT, ffmpeg });
    const startedMs = performance.now();
    await runFfmpeg({
      file: ffmpeg.ffmpeg,
      args,
      cwd: directory,
      outputs: ['g0o0.m3u8'],
      timeLimitMs: TIME_LIMIT_MS,
      maxFileBytes: 2 ** 32,
    });
    return performance.now() - startedMs;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function rungsOnly(settings: JobSettings): JobSettings {
  const OutputGroups = (settings.OutputGroups ?? []).flatMap((group) => {
    const { HlsGroupSettings } = group.OutputGroupSettings ?? {};
    if (HlsGroupSettings === undefined) return [];
    const { ImageBasedTrickPlay: _storyboard, ImageBasedTrickPlaySettings: _settings, ...kept } = HlsGroupSettings;
    return [{ ...group, OutputGroupSettings: { ...group.OutputGroupSettings, HlsGroupSettings: kept } }];
  });
  return { ...settings, OutputGroups };
}
