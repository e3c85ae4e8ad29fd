import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { LocatedFfmpeg } from '../../../local/ffmpeg/locate.ts';
import type { CorpusEntry, HostileSurroundings } from './corpus-entry.ts';
import { readyEntries } from './ready.ts';
import { rejectedEntries } from './rejected.ts';

const execute = promisify(execFile);

export interface MadeEntry extends CorpusEntry {
  readonly file: string;
}

export interface Corpus {
  readonly made: readonly MadeEntry[];
  /** Each entry that was left out, with its reason. */
  readonly left: readonly string[];
}

/** All entries, or those of every run of the tests. */
export function corpusEntries(wholeCorpus: boolean): { readonly chosen: readonly CorpusEntry[]; readonly left: readonly string[] } {
  const all = [...readyEntries, ...rejectedEntries];
  const chosen = all.filter(({ always }) => wholeCorpus || always === true);
  return { chosen, left: all.filter((entry) => !chosen.includes(entry)).map(({ name }) => `${name}: CORPUS=all has it`) };
}

/** Makes the files in a folder. What this ffmpeg has no encoder for is left out. @throws when one that can be made is not */
export async function makeCorpus(
  { chosen, left }: ReturnType<typeof corpusEntries>,
  { ffmpeg, folder, ...hostile }: HostileSurroundings & { readonly ffmpeg: LocatedFfmpeg; readonly folder: string },
): Promise<Corpus> {
  await mkdir(folder, { recursive: true });
  const encoders = await encodersOf(ffmpeg);
  const made: MadeEntry[] = [];
  const skipped: string[] = [];
  for (const entry of chosen) {
    const missing = 'args' in entry.made ? entry.made.encoders.filter((name) => !encoders.has(name)) : [];
    if (missing.length > 0) skipped.push(`${entry.name}: ffmpeg ${ffmpeg.version} has no encoder ${missing.join(', ')}`);
    else made.push({ ...entry, file: await make(entry, ffmpeg, folder, hostile) });
  }
  return { made, left: [...left, ...skipped] };
}

async function make({ name, made }: CorpusEntry, ffmpeg: LocatedFfmpeg, folder: string, hostile: HostileSurroundings): Promise<string> {
  const file = join(folder, name);
  if ('bytes' in made) {
    await writeFile(file, made.bytes(hostile));
    return file;
  }
  // Filters decide which pictures there are; none is doubled or dropped after them.
  const rate = ffmpeg.hasFrameRateMode ? ['-fps_mode', 'passthrough'] : ['-vsync', 'passthrough'];
  await execute(ffmpeg.ffmpeg, ['-v', 'error', '-y', ...atOutput(made.args, rate), `file:${file}`]);
  if (made.change !== undefined) await writeFile(file, made.change(await readFile(file)));
  return file;
}

/** Options of an output stand behind the inputs. */
function atOutput(args: readonly string[], options: readonly string[]): string[] {
  const behind = args.lastIndexOf('-i') + 2;
  const first = behind === 1 ? 0 : behind;
  return [...args.slice(0, first), ...options, ...args.slice(first)];
}

async function encodersOf({ ffmpeg }: LocatedFfmpeg): Promise<ReadonlySet<string>> {
  const { stdout } = await execute(ffmpeg, ['-hide_banner', '-encoders']);
  return new Set(stdout.split('\n').flatMap((line) => /^ [VAS][A-Z.]{5} (\S+)/.exec(line)?.[1] ?? []));
}
