import { NotAVersionPathError } from './errors.ts';

const VERSION_PATH = /^\/(encoded|thumbnails|previews)\/([^/]+)\/([^/]+)\/(.+)$/;

/**
 * Where a private video's file is asked for: `/encoded/v1/abc/index.m3u8` → `/private/v1/abc/encoded/index.m3u8`. All of a version lies below
 * one path, so one policy and one set of cookies cover playlist, segments, poster and preview. The edge undoes it (open-private.js).
 * @throws {NotAVersionPathError}
 */
export function privatePath(path: string): string {
  const [, kind, videoId, version, file] = VERSION_PATH.exec(path) ?? [];
  if (file === undefined) throw new NotAVersionPathError(path);
  return `/private/${videoId}/${version}/${kind}/${file}`;
}

/** What the cookies for a private file are to cover: `/private/<videoId>/<version>/`. Takes the public path. @throws {NotAVersionPathError} */
export function privatePrefix(path: string): string {
  return privatePath(path).split('/').slice(0, 4).join('/').concat('/');
}
