import pg from 'pg';
import { expect, it } from 'vitest';
import { isRefusal } from '../../local/legacy/refusal.ts';

const errorOf = (code: string) => Object.assign(new pg.DatabaseError('said', 4, 'error'), { code });

it.each(['0A000', '22001', '22P04', '23502', '23505', '3F000', '42704', '42P07', '54000'])(
  'what PostgreSQL says of a definition or a row is a refusal: %s',
  (code) => expect(isRefusal(errorOf(code))).toBe(true),
);

it.each([
  ['a lost connection', errorOf('08006')],
  ['a deadlock', errorOf('40P01')],
  ['a full disk', errorOf('53100')],
  ['a lock that did not come in time', errorOf('55P03')],
  ['a cancelled statement', errorOf('57014')],
  ['a server that is stopped', errorOf('57P01')],
  ['a file that cannot be read', errorOf('58030')],
  ['a broken page', errorOf('XX001')],
  ['a connection that ended without a word', new Error('Connection terminated unexpectedly')],
])('is none: %s', (_, error) => expect(isRefusal(error)).toBe(false));
