import { createHash } from 'node:crypto';
import { UploadError } from './upload-faults.ts';

/** Extensions that are taken, each with the types a browser may declare for it. The first is what the object is stored with. */
const CONTENT_TYPES = {
  mp4: ['video/mp4'],
  avi: ['video/x-msvideo', 'video/avi', 'video/msvideo', 'video/vnd.avi'],
  mov: ['video/quicktime'],
  mkv: ['video/x-matroska', 'video/matroska'],
  webm: ['video/webm'],
} as const satisfies Record<string, readonly [string, ...string[]]>;

type Extension = keyof typeof CONTENT_TYPES;

/** Of `upload_session.file_name`. */
const MAX_CHARACTERS = 255;
const MAX_STEM_CHARACTERS = 80;
const HASH_CHARACTERS = 8;

/** What must not stand before the last dot: with it, the name shows one kind of file and some program runs another. */
const OTHER_EXTENSIONS = new Set([
  ...Object.keys(CONTENT_TYPES),
  ...[
    'asp',
    'aspx',
    'bat',
    'cmd',
    'com',
    'dll',
    'exe',
    'htm',
    'html',
    'jar',
    'js',
    'jsp',
    'lnk',
    'mjs',
    'msi',
    'php',
    'pif',
    'pl',
    'ps1',
    'py',
  ],
  ...['rb', 'scr', 'sh', 'svg', 'vbs', 'wsf', 'xhtml', 'xml'],
  ...['concat', 'csv', 'doc', 'docx', 'gif', 'jpeg', 'jpg', 'm3u', 'm3u8', 'mpd', 'pdf', 'png', 'txt', 'xls', 'xlsx'],
  ...['7z', 'gz', 'iso', 'rar', 'tar', 'zip'],
]);

/** The type a file is stored with. @throws {UploadError} for a name or a declared type that is not taken */
export function contentTypeOf(fileName: string, declared: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (fileName.length > MAX_CHARACTERS || /[\u0000-\u001f\u007f]/.test(fileName) || !fileName.isWellFormed()) {
    throw new UploadError('INVALID_FILE_NAME', {
      found: `${fileName.length} characters`,
      expected: `at most ${MAX_CHARACTERS}, none of them a control character`,
    });
  }
  const [before, extension] = suffixesOf(fileName);
  if (!isTaken(extension))
    throw new UploadError('UNSUPPORTED_EXTENSION', { found: extension, expected: Object.keys(CONTENT_TYPES).join(', ') });
  if (OTHER_EXTENSIONS.has(before))
    throw new UploadError('DOUBLE_EXTENSION', { found: `.${before}.${extension}`, expected: `.${extension}` });
  const types: readonly string[] = CONTENT_TYPES[extension];
  const type = declared.split(';')[0]?.trim().toLowerCase() ?? '';
  if (!types.includes(type)) throw new UploadError('UNSUPPORTED_TYPE', { found: declared.slice(0, 100), expected: types.join(', ') });
  return CONTENT_TYPES[extension][0];
}

/**
 * The last segment of an object's key: ASCII letters, digits, `-` and `_`, and one dot. Whatever else the name has becomes one `-`; a name that
 * was changed gets eight hex digits of its SHA-256, so that `영상.mp4` and `노래.mp4` stay two files. The name itself is kept for display.
 */
export function objectName(fileName: string): string {
  const [, extension] = suffixesOf(fileName);
  const stem = fileName.slice(0, fileName.length - extension.length - 1);
  const safe = stem
    .replaceAll(/[^A-Za-z0-9_-]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, MAX_STEM_CHARACTERS);
  if (safe === stem && safe !== '') return `${safe}.${extension}`;
  const hash = createHash('sha256').update(fileName).digest('hex').slice(0, HASH_CHARACTERS);
  return `${safe === '' ? 'video' : safe}-${hash}.${extension}`;
}

/** The last two suffixes in lower case; empty where there is none. */
function suffixesOf(fileName: string): [before: string, last: string] {
  const [, ...suffixes] = fileName.toLowerCase().split('.');
  return [suffixes.at(-2)?.trim() ?? '', suffixes.at(-1) ?? ''];
}

/** In lower case, without the dot; empty where there is none. */
export function extensionOf(fileName: string): string {
  return suffixesOf(fileName)[1];
}

export function isTaken(extension: string): extension is Extension {
  return Object.hasOwn(CONTENT_TYPES, extension);
}
