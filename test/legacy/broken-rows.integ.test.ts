import { describe, expect, it } from 'vitest';
import { BROKEN_TEXT_MARK } from '../../local/legacy/dump/broken-text.ts';
import { dumpDatabase, linkpick } from './dump-database.ts';

const { load: loadDump, query } = dumpDatabase();

/** The texts as one byte a character, so that `\xb0` is a byte that is no UTF-8. */
const load = (...parts: readonly string[]) => loadDump(Buffer.concat([Buffer.from(linkpick), Buffer.from(parts.join(''), 'latin1')]));

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const copied = (rows: number, name: string) =>
  `COPY public.users (id, email, name, type) FROM stdin;\n${numbers(rows)
    .map((n) => `u${n}\t${n}@example.com\t${name}\tADMIN\n`)
    .join('')}\\.\n`;
const value = (n: number, name: string) => `('u${n}', '${n}@example.com', '${name}', 'ADMIN')`;
const inserted = (rows: number, name: string) =>
  numbers(rows)
    .map((n) => `INSERT INTO public.users (id, email, name, type) VALUES ${value(n, name)};\n`)
    .join('');
/** As pg_dump --rows-per-insert writes them. */
const insertedAtOnce = (rows: number, name: string) =>
  `INSERT INTO public.users (id, email, name, type) VALUES\n${numbers(rows)
    .map((n) => `\t${value(n, name)}`)
    .join(',\n')};\n`;

const PARAGRAPH = '\xb0.'.repeat(150);

describe('a broken row counts once', () => {
  it.each([
    ['COPY', `COPY public.profiles (id, user_id, bio) FROM stdin;\np1\tu1\t${PARAGRAPH}\n\\.\n`],
    ['INSERT', `INSERT INTO public.profiles (id, user_id, bio) VALUES ('p1', 'u1', '${PARAGRAPH}');\n`],
    ['INSERT over many lines', `INSERT INTO public.profiles (id, user_id, bio) VALUES ('p1', 'u1', '${'\xb0\n'.repeat(150)}');\n`],
  ])('however many pieces its text is in: %s', async (_, profile) => {
    expect(await load(copied(1, 'n'), profile)).toMatchObject({ profiles: 1 });
    const [row] = await query('select bio from profiles');
    expect(row?.bio).toContain(BROKEN_TEXT_MARK);
  });

  it.each([
    ['COPY', copied],
    ['INSERT', inserted],
    ['INSERT of many rows', insertedAtOnce],
  ])('and more than a hundred are another encoding: %s', async (_, rows) => {
    await expect(load(rows(101, '\xb0'))).rejects.toMatchObject({
      name: 'DumpError',
      exitCode: 2,
      message: expect.stringMatching(/: 101 of 10[12] rows hold text that is not UTF-8, so this is another encoding; dump again/),
    });
    expect(await load(rows(100, '\xb0'))).toMatchObject({ users: 100 });
  });

  it.each([
    ['COPY', `COPY public.audit (note) FROM stdin;\n${'\xb0\n'.repeat(150)}\\.\n`],
    ['INSERT', "INSERT INTO public.audit VALUES ('\xb0');\n".repeat(150)],
    ['COPY of another schema', `COPY other.users (note) FROM stdin;\n${'\xb0\n'.repeat(150)}\\.\n`],
  ])('unless its table is left out: %s', async (_, audit) => {
    expect(await load(audit, copied(1, 'n'))).toMatchObject({ users: 1 });
  });

  it('and rows of other tables do not make the broken ones fewer', async () => {
    await expect(load(`COPY public.audit (note) FROM stdin;\n${'x\n'.repeat(5_000)}\\.\n`, copied(101, '\xb0'))).rejects.toThrow(
      '101 of 101 rows',
    );
  });
});

it('takes SQL_ASCII by any spelling, and no other encoding but UTF-8', async () => {
  await expect(load("SET client_encoding = 'EUC_KR';\n", copied(1, 'n'))).rejects.toThrow('text in the encoding EUC_KR is refused');
  expect(await load("SET client_encoding = 'sql-ascii';\n", copied(1, '\xb0'))).toMatchObject({ users: 1 });
});

it('says of a row that is refused which column it is, not what stands in it', async () => {
  const row = (id: string, email: string) => `${id}\t${email}\tKim\tADMIN\n`;
  const copy = 'COPY public.users (id, email, name, type) FROM stdin;\n';
  await expect(load(copy, row('u1', `kim@${'x'.repeat(300)}`), '\\.\n')).rejects.toThrow(
    /value too long for type character varying\(255\); COPY users, line 1, column email\. Nothing was changed\.$/,
  );
  await expect(load(copy, row('u1', 'kim@example.com'), row('u2', 'kim@example.com'), '\\.\n')).rejects.toThrow(
    /"users_email_key"; Key \(email\) already exists; COPY users, line 2\. Nothing was changed\.$/,
  );
});
