import type { Findings } from './fault-log.ts';
import { type MediaPlaylist, type MediaSegment, readMediaPlaylist } from './media-playlist.ts';
import { mediaPlaylistUri } from './multivariant.ts';
import type { OutputFolder } from './output-folder.ts';
import { attributes, playlistLines, tagValue } from './playlist-lines.ts';
import { References } from './references.ts';

/** A rung as its playlists describe it. */
export interface RungFiles {
  readonly name: string;
  readonly playlistFile: string;
  readonly playlist: MediaPlaylist;
  /** In order; the file is undefined where it is missing, empty or may not be used. */
  readonly segments: readonly { readonly segment: MediaSegment; readonly file: string | undefined; readonly bytes: number }[];
}

export interface ImagePlaylist {
  readonly file: string;
  readonly playlist: MediaPlaylist;
}

export interface OutputFiles {
  readonly rungs: readonly RungFiles[];
  readonly images: readonly ImagePlaylist[];
  readonly totalBytes: number;
}

/** Lists the folder and reads its playlists: checks 1 to 3, and what is missing by name. A rung without a playlist is left out. */
export async function readRungs(folder: OutputFolder, names: readonly string[], findings: Findings): Promise<OutputFiles> {
  const sizes = await folder.list();
  const references = new References(sizes, findings.faults);
  const rungs: RungFiles[] = [];
  const images: ImagePlaylist[] = [];
  for (const name of names) {
    const playlistFile = mediaPlaylistUri(name);
    references.expect(playlistFile);
    const bytes = sizes.get(playlistFile) ? await folder.read(playlistFile) : undefined;
    if (bytes === undefined) {
      findings.faults.add(2, playlistFile, sizes.has(playlistFile) ? 'empty' : 'missing', 'the media playlist of a promised rendition');
    } else {
      const playlist = readMediaPlaylist(bytes, playlistFile, findings.faults);
      rungs.push({ name, playlistFile, playlist, segments: follow(playlist, playlistFile, references, sizes) });
    }
    images.push(...(await readParent(folder, name, sizes, references, findings)));
  }
  references.reportOrphans();
  return { rungs, images, totalBytes: [...sizes.values()].reduce((sum, size) => sum + size, 0) };
}

function follow(playlist: MediaPlaylist, playlistFile: string, references: References, sizes: ReadonlyMap<string, number>) {
  return playlist.segments.map((segment) => {
    const file = references.follow(playlistFile, segment.uri);
    return { segment, file, bytes: sizes.get(file ?? '') ?? 0 };
  });
}

/** What MediaConvert writes above a group: one variant, and the group's image playlists. Players never see it, so it may be missing. */
async function readParent(
  folder: OutputFolder,
  name: string,
  sizes: ReadonlyMap<string, number>,
  references: References,
  { faults, warnings }: Findings,
): Promise<readonly ImagePlaylist[]> {
  const parent = `${name}/index.m3u8`;
  references.expect(parent);
  const bytes = sizes.get(parent) ? await folder.read(parent) : undefined;
  if (bytes === undefined) {
    warnings.add(2, parent, 'missing or empty', "the group's own playlist, which names its images");
    return [];
  }
  const images: ImagePlaylist[] = [];
  for (const line of playlistLines(bytes, parent, faults)) {
    if (!line.startsWith('#')) references.follow(parent, line);
    const imageUri = attributes(tagValue(line, 'EXT-X-IMAGE-STREAM-INF') ?? '').get('URI');
    if (imageUri !== undefined) images.push(...(await readImages(folder, references.follow(parent, imageUri), references, faults)));
    const otherUri = attributes(tagValue(line, 'EXT-X-I-FRAME-STREAM-INF') ?? tagValue(line, 'EXT-X-MEDIA') ?? '').get('URI');
    if (otherUri !== undefined) references.follow(parent, otherUri);
  }
  return images;
}

async function readImages(
  folder: OutputFolder,
  file: string | undefined,
  references: References,
  faults: Findings['faults'],
): Promise<readonly ImagePlaylist[]> {
  const bytes = file === undefined ? undefined : await folder.read(file);
  if (file === undefined || bytes === undefined) return [];
  const playlist = readMediaPlaylist(bytes, file, faults);
  for (const { uri } of playlist.segments) references.follow(file, uri);
  if (!playlist.imagesOnly) faults.add(54, file, 'no EXT-X-IMAGES-ONLY', 'an image playlist');
  if (!playlist.ended) faults.add(5, file, 'no EXT-X-ENDLIST as its last line', 'a finished playlist');
  return [{ file, playlist }];
}
