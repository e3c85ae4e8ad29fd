import { DumpError } from '../errors.ts';

/** How many bytes of the file `refuseOtherFormats` looks at. */
export const FORMAT_BYTES = 4096;

/** What a script of SQL may begin with. A dump has fewer; the rest is refused by its own name later. */
const FIRST_WORDS = new Set(
  `alter analyze begin call comment commit copy create declare delete do drop end explain grant insert lock merge reset revoke select set
  show start table truncate update vacuum values with`.split(/\s+/),
);

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
  if (beforeRows(head).includes(0)) return 'binary data';
  const text = head.toString('utf8');
  if (/^\s*(?:\/\*.*\*\/\s*)?-- (?:MySQL|MariaDB) dump/.test(text))
    return "a MySQL dump; LinkPick's is a PostgreSQL database: dump that, or give its URL: npm start -- --legacy postgres://…";
  const first = firstToken(text);
  // A comment or a psql command is looked at by who reads the statements.
  if (first === undefined || /^(?:--|\/\*|\\|;)/.test(first)) return undefined;
  if (FIRST_WORDS.has(/^\w*/.exec(first.toLowerCase())?.[0] ?? '')) return undefined;
  return `no SQL, it begins with "${first.slice(0, 40)}"`;
}

/** A NUL in a row is broken text, which the migration sets aside; anywhere else the file is no text at all. */
function beforeRows(head: Buffer): Buffer {
  const rows = head.toString('latin1').search(/^(?:COPY|INSERT)\s/im);
  return rows < 0 ? head : head.subarray(0, rows);
}

/** What stands behind leading white space and comments. */
function firstToken(text: string): string | undefined {
  return /^(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*(\S+)/.exec(text)?.[1];
}
