import type { Recipe } from './corpus-entry.ts';
import { testPicture, testTone } from './test-picture.ts';

type MadeByFfmpeg = Extract<Recipe, { args: readonly string[] }>;

interface Clip {
  readonly width?: number;
  readonly height?: number;
  readonly rate?: string;
  readonly seconds?: number;
  /** Of the sound, where it is not as long as the picture. */
  readonly soundSeconds?: number;
  /** Filters behind the test picture. */
  readonly filters?: string;
  /** Encoder of the picture, with its options. @default H.264 */
  readonly video?: readonly string[];
  /** Encoder of the sound, with its options; empty: silent. @default AAC */
  readonly audio?: readonly string[];
  /** The container's name and options; also where more is said of the picture. @default MP4 */
  readonly format?: readonly string[];
  readonly change?: (made: Buffer) => Buffer;
}

export const H264 = ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '16', '-pix_fmt', 'yuv420p'] as const;
export const AAC = ['-c:a', 'aac', '-b:a', '96k', '-ac', '2'] as const;
export const MP4 = ['-movflags', '+faststart', '-f', 'mp4'] as const;

/** A clip of the test picture, 640×360 at 30, two seconds with sound when nothing else is said. */
export function clip(options: Clip = {}): MadeByFfmpeg {
  const { width = 640, height = 360, rate = '30', seconds = 2, filters, video = H264, audio = AAC, format = MP4, change } = options;
  const { soundSeconds = seconds } = options;
  const graph = `${testPicture({ width, height, rate, seconds })}${filters === undefined ? '' : `,${filters}`}[v]`;
  const tone = audio.length === 0 ? [] : ['-f', 'lavfi', '-i', testTone(soundSeconds)];
  return {
    args: [...tone, '-filter_complex', graph, '-map', '[v]', ...(audio.length === 0 ? [] : ['-map', '0:a']), ...video, ...audio, ...format],
    encoders: [video, audio].flatMap((words) => words[words.findIndex((word) => word.startsWith('-c:')) + 1] ?? []),
    ...(change === undefined ? {} : { change }),
  };
}
