import { createVerify } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { StreamView } from '../../../lambdas/rollout/api/read-stream.ts';
import { createTranscodingDatabase, type TranscodingDatabase } from '../../transcoding/transcoding-database.ts';
import { type ApiService, NOW, openUpTo, SIGNING, startApiService } from './api-service.ts';
import { faultsOf } from './described.ts';

let database: TranscodingDatabase;
let service: ApiService;
beforeAll(async () => {
  database = await createTranscodingDatabase();
});
afterAll(() => database?.close());
beforeEach(async () => {
  await database.reset();
  service = startApiService(database.db);
  service.flags = openUpTo('4.2');
});

const ROUTE = 'GET /api/videos/{id}/stream';
const EDGE = { 'x-viewer-host': 'video.example', 'x-viewer-is-operator': 'true' };
const OUTSIDE = { ...EDGE, 'x-viewer-is-operator': 'false' };

async function stream<Body = { error: { code: string; found: unknown } }>(
  query = '',
  headers: Record<string, string> = OUTSIDE,
  id = 'v1',
) {
  const answer = await service.get<Body>(`/api/videos/${id}/stream${query}`, headers);
  expect(faultsOf(ROUTE, answer)).toEqual([]);
  return answer;
}
const set = (fields: string) => database.query(`update video_platform.videos set ${fields} where id = 'v1'`);
const refused = ({ status, body }: { status: number; body: { error: { code: string } } }) => [status, body.error.code];

describe('a stream', () => {
  it.each(['PUBLISHED', 'UNLISTED'])('of a video that is %s is for everybody who has the link, without cookies', async (status) => {
    await database.playing();
    await set(`status = '${status}', preview_url = '/previews/v1/old/preview.mp4', storyboard_url = '/encoded/v1/old/storyboard.vtt'`);
    const answer = await stream<StreamView>();
    expect(answer).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } });
    expect(answer.headers).not.toHaveProperty('set-cookie');
    expect(answer.body).toEqual({
      videoId: 'v1',
      visibility: status,
      url: '/encoded/v1/old/index.m3u8',
      posterUrl: '/thumbnails/v1/old/poster.jpg',
      storyboardUrl: '/encoded/v1/old/storyboard.vtt',
      previewUrl: '/previews/v1/old/preview.mp4',
      durationSeconds: 7,
      expiresAt: null,
    });
  });

  it('of a private video is refused to everybody, a user or not, also from the operators’ networks', async () => {
    await database.playing();
    await set(`status = 'PRIVATE'`);
    for (const [query, headers] of [
      ['', OUTSIDE],
      ['?user=u', OUTSIDE],
      ['?user=u', EDGE],
      ['', EDGE],
    ] as const)
      expect(refused(await stream(query, headers))).toEqual([403, 'VIDEO_PRIVATE']);
  });

  it('of a private video is signed for an operator who asks as one: its own version, this host, some hours', async () => {
    await database.playing();
    await set(`status = 'PRIVATE', preview_url = '/previews/v1/old/preview.mp4'`);
    const answer = await stream<StreamView>('?as=operator', EDGE);
    expect(answer.body).toMatchObject({
      url: '/private/v1/old/encoded/index.m3u8',
      posterUrl: '/private/v1/old/thumbnails/poster.jpg',
      previewUrl: '/private/v1/old/previews/preview.mp4',
      storyboardUrl: null,
      expiresAt: '2026-11-23T06:00:00.000Z',
    });
    const cookies = [answer.headers['set-cookie'] ?? []].flat();
    expect(cookies.map((cookie) => cookie.split('=')[0])).toEqual(expect.arrayContaining(['CloudFront-Policy', 'CloudFront-Signature']));
    for (const cookie of cookies) expect(cookie).toMatch(/; Path=\/private\/v1\/old\/; Secure; HttpOnly; SameSite=None$/);
    const values = Object.fromEntries(cookies.map((cookie) => /^CloudFront-([\w-]+)=([^;]*)/.exec(cookie)?.slice(1) ?? []));
    const decode = (text = '') => Buffer.from(text.replaceAll('-', '+').replaceAll('_', '=').replaceAll('~', '/'), 'base64');
    expect(JSON.parse(decode(values.Policy).toString()).Statement).toEqual([
      {
        Resource: 'https://video.example/private/v1/old/*',
        Condition: { DateLessThan: { 'AWS:EpochTime': NOW.getTime() / 1000 + 6 * 3_600 } },
      },
    ]);
    const verify = createVerify('RSA-SHA256').update(decode(values.Policy));
    expect(verify.verify(SIGNING.publicKey, decode(values.Signature))).toBe(true);
  });

  it('of a private video leaves out a poster that its cookies do not open', async () => {
    await database.playing({ thumbnailUrl: '/thumbnails/v1/older/poster.jpg' });
    await set(`status = 'PRIVATE'`);
    expect((await stream<StreamView>('?as=operator', EDGE)).body.posterUrl).toBeNull();
    await set(`thumbnail_url = 'https://old.example/t.png'`);
    expect((await stream<StreamView>('?as=operator', EDGE)).body.posterUrl).toBeNull();
  });

  it('as an operator is for the operators’ networks alone, whatever a viewer says', async () => {
    await database.playing();
    expect(refused(await stream('?as=operator', OUTSIDE))).toEqual([403, 'OPERATORS_ONLY']);
    expect(refused(await stream('?as=operator', {}))).toEqual([403, 'OPERATORS_ONLY']);
    expect(refused(await stream('?as=operator&user=u', EDGE))).toEqual([400, 'INVALID_REQUEST']);
    expect(refused(await stream('?as=root', EDGE))).toEqual([400, 'INVALID_REQUEST']);
  });

  it('is closed until the player is open to the user; operators look before', async () => {
    await database.playing();
    service.flags = openUpTo('4.2', 0, ['tester']);
    expect(refused(await stream('?user=other'))).toEqual([403, 'PLAYER_NOT_OPEN']);
    expect(refused(await stream())).toEqual([403, 'PLAYER_NOT_OPEN']);
    expect((await stream('?user=tester')).status).toBe(200);
    expect((await stream('?as=operator', EDGE)).status).toBe(200);
  });

  it('of a video that is not ready is refused with its state', async () => {
    expect((await stream()).body.error).toMatchObject({ code: 'NOT_READY', found: 'no upload' });
    await database.claim('encoding');
    const answer = await stream();
    expect([...refused(answer), answer.body.error.found]).toEqual([409, 'NOT_READY', 'encoding']);
  });

  it('of an unknown video, and of what is no id, is not there', async () => {
    for (const id of ['nobody', 'x'.repeat(31), '%2e%2e', "v1'--", '%EC%98%81'])
      expect(refused(await stream('', OUTSIDE, id))).toEqual([404, 'UNKNOWN_VIDEO']);
  });

  it('is a 503 while the database is away, not a fault of the function', async () => {
    service = startApiService({ query: () => Promise.reject(new Error('resuming')) });
    service.flags = openUpTo('4.2');
    const answer = await stream();
    expect(refused(answer)).toEqual([503, 'UNAVAILABLE']);
    expect(service.errors).toHaveLength(1);
  });
});
