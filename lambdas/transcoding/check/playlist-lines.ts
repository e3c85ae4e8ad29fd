import type { FaultLog } from './fault-log.ts';

/** RFC 8216 section 4.1 forbids control characters but for the ends of lines. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f-\u009f]/;

/** A playlist's lines without the empty ones; what RFC 8216 section 4.1 forbids goes to the log as check 1. */
export function playlistLines(bytes: Uint8Array, file: string, faults: FaultLog): readonly string[] {
  const text = decode(bytes);
  if (text === undefined) faults.add(1, file, 'bytes that are not UTF-8', 'UTF-8');
  const content = text ?? '';
  if (content.startsWith('\ufeff')) faults.add(1, file, 'a byte order mark', 'a file that begins with #EXTM3U');
  const lines = content.replace(/^\ufeff/, '').split(/\r?\n/);
  if (lines[0] !== '#EXTM3U') faults.add(1, file, `a first line of "${(lines[0] ?? '').slice(0, 40)}"`, '#EXTM3U');
  if (CONTROL.test(content)) faults.add(1, file, 'control characters', 'none but the ends of lines');
  return lines.filter((line) => line !== '');
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The value of a tag, undefined when the line is not that tag. */
export function tagValue(line: string, tag: string): string | undefined {
  return line.startsWith(`#${tag}:`) ? line.slice(tag.length + 2) : undefined;
}

/** An attribute list of RFC 8216 section 4.2, quotes taken off. */
export function attributes(list: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [, name = '', quoted, plain] of list.matchAll(/([A-Z0-9-]+)=(?:"([^"]*)"|([^",]*))(?:,|$)/g)) {
    found.set(name, quoted ?? plain ?? '');
  }
  return found;
}

/** What a decimal number of RFC 8216 is; undefined for anything else. */
export function decimal(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}

export function resolution(text: string | undefined): { readonly widthPx: number; readonly heightPx: number } | undefined {
  const match = /^(\d{1,5})x(\d{1,5})$/.exec(text ?? '');
  return match === null ? undefined : { widthPx: Number(match[1]), heightPx: Number(match[2]) };
}
