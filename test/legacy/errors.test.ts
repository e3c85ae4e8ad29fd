import { describe, expect, it } from 'vitest';
import { BROKEN_TEXT_MARK } from '../../local/legacy/dump/broken-text.ts';
import { saidBy } from '../../local/legacy/errors.ts';

const said = (code: string, message: string, detail?: string, where?: string) => saidBy({ code, message, detail, where });

describe('saidBy', () => {
  it.each([
    [
      'a value too long',
      said('22001', 'value too long for type character varying(255)', undefined, 'COPY users, line 1, column email: "kim@xxxx…"'),
      'value too long for type character varying(255); COPY users, line 1, column email',
    ],
    [
      'a whole row',
      said('23502', 'null value in column "email"', 'Failing row contains (u1, kim@example.com).', 'COPY users, line 2: "u1\tkim@…"'),
      'null value in column "email"; COPY users, line 2',
    ],
    [
      'a row over several lines',
      said('22P04', 'extra data after last expected column', undefined, 'COPY users, line 2: "u1\nkim@…"'),
      'extra data after last expected column; COPY users, line 2',
    ],
    [
      'a value of another type',
      said(
        '22P02',
        'invalid input syntax for type integer: "kim@\nexample.com"',
        undefined,
        'COPY campaigns, line 9, column view_count: "kim@',
      ),
      'invalid input syntax for type integer; COPY campaigns, line 9, column view_count',
    ],
    [
      'a number out of range',
      said('22003', 'value "8201011234567" is out of range for type integer'),
      'value is out of range for type integer',
    ],
    [
      'a key that is no id',
      said('23505', 'could not create unique index "users_email_key"', 'Key (email)=(kim@example.com) is duplicated.'),
      'could not create unique index "users_email_key"; Key (email) is duplicated',
    ],
    [
      'a key of an expression',
      said('23505', 'duplicate key', 'Key (lower(email::text))=(kim(1)@example.com) already exists.'),
      'duplicate key; Key (lower(email::text)) already exists',
    ],
    [
      'a key of an id and more',
      said('23505', 'duplicate key', 'Key (id, email)=(u1, kim@example.com) already exists.'),
      'duplicate key; Key (id, email) already exists',
    ],
    [
      'a detail of another kind',
      said('22P02', 'invalid input syntax for type json', 'Token "kim" is invalid.'),
      'invalid input syntax for type json',
    ],
  ])('leaves out what stands in the row: %s', (_, text, expected) => {
    expect(text).toBe(expected);
    expect(text).not.toMatch(/kim|8201/);
  });

  it('keeps ids, by which the row is found', () => {
    expect(said('23505', 'duplicate key', 'Key (id)=(u1) is duplicated.')).toBe('duplicate key; Key (id)=(u1) is duplicated');
    expect(said('23503', 'insert violates', 'Key (user_id)=(ghost) is not present in table "users".')).toBe(
      'insert violates; Key (user_id)=(ghost) is not present in table "users"',
    );
  });

  it('says that keys are the same because their bytes are no text', () => {
    expect(said('23505', 'duplicate key', `Key (id)=(u${BROKEN_TEXT_MARK}) already exists.`)).toBe(
      'duplicate key; Key (id) already exists: it holds bytes that are no UTF-8, mend them in LinkPick',
    );
  });

  it('keeps what is not of a row', () => {
    expect(said('42703', 'column "sponsor" of relation "campaigns" does not exist')).toBe(
      'column "sponsor" of relation "campaigns" does not exist',
    );
    expect(said('42P16', 'cannot alter: "x"', 'View depends on it.')).toBe('cannot alter: "x"; View depends on it.');
  });
});
