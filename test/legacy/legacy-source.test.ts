import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { UserError } from '../../local/errors.ts';
import { parseLegacyFlag } from '../../local/legacy/legacy-source.ts';

const directory = mkdtempSync(join(tmpdir(), 'videopick-legacy-'));
const file = join(directory, 'legacy.sql');
writeFileSync(file, '');
afterAll(() => rmSync(directory, { recursive: true }));

describe('parseLegacyFlag', () => {
  it.each(['postgres://u:p@db.example.com:5432/linkpick', 'postgresql://db.example.com/linkpick?sslmode=require'])(
    'takes %s as a URL',
    (url) => {
      expect(parseLegacyFlag(url)).toEqual({ kind: 'url', url });
    },
  );

  it('takes a readable file as a dump', () => {
    expect(parseLegacyFlag(file)).toEqual({ kind: 'dump', file });
  });

  it.each([
    ['', 'found nothing'],
    [join(directory, 'none.sql'), 'does not exist'],
    [directory, 'is a directory'],
    ['mysql://db.example.com/linkpick', 'found a mysql:// URL'],
    ['postgres://u:se:cret@[db/linkpick', 'cannot be parsed'],
  ])('refuses "%s" in one line with exit code 2', (text, reason) => {
    const error = caught(() => parseLegacyFlag(text));
    expect(error).toBeInstanceOf(UserError);
    expect(error).toMatchObject({ exitCode: 2, message: expect.stringContaining(reason) });
    expect((error as Error).message).not.toMatch(/\n|se:cret/);
  });
});

function caught(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}
