import { S3Error } from './errors.ts';

/**
 * The `Range` header resolved against an object's size, in the one form s3rver reads correctly: first and last byte, both given.
 * Undefined asks for the whole object, as S3 answers several ranges or a malformed one.
 * @throws {S3Error} InvalidRange (416)
 */
export function resolveRange(header: string | undefined, size: number): string | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined;
  if (start >= size || end < start) {
    throw new S3Error('InvalidRange', 'The requested range is not satisfiable', {
      RangeRequested: (header ?? '').slice(0, 100),
      ActualObjectSize: size,
    });
  }
  return `bytes=${start}-${end}`;
}
