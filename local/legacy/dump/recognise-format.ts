import { DumpError } from '../errors.ts';

/** How many bytes of the file `refuseOtherFormats` looks at. */
export const FORMAT_BYTES = 4096;

/** Refuses what is not plain SQL, with the command that makes it so. @throws {DumpError} */
export function refuseOtherFormats(file: string, head: Buffer): void {
  const refusal = problemOf(file, head);
  if (refusal !== undefined) throw new DumpError(file, undefined, `${refusal}; expected plain SQL as pg_dump writes it`);
}

function problemOf(file: string, head: Buffer): string | undefined {
  const begins = (...bytes: number[]) => bytes.every((byte, index) => head[index] === byte);
  if (head.subarray(0, 5).toString('latin1') === 'PGDMP') return `a custom-format dump; convert it first: pg_restore -f legacy.sql ${file}`;
  if (head.subarray(0, 8).toString('latin1') === 'toc.dat\0')
    return `a tar-format dump; convert it first: pg_restore -f legacy.sql ${file}`;
  if (begins(0x1f, 0x8b)) return `a gzip file; unpack it first: gunzip -c ${file} > legacy.sql`;
  if (begins(0x28, 0xb5, 0x2f, 0xfd)) return `a zstd file; unpack it first: zstd -d ${file} -o legacy.sql`;
  if (begins(0x04, 0x22, 0x4d, 0x18)) return `an lz4 file; unpack it first: lz4 -d ${file} legacy.sql`;
  if (begins(0xff, 0xfe) || begins(0xfe, 0xff)) return 'text in UTF-16, as PowerShell redirects it; dump again with pg_dump -f legacy.sql';
  if (head.includes(0)) return 'binary data';
  return undefined;
}
