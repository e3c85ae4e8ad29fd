import {
  AbortMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CompletedUpload } from '../../../lambdas/transcoding/uploads/complete-upload.ts';
import type { UploadPage, UploadView } from '../../../lambdas/transcoding/uploads/read-upload.ts';
import { uploadFaults } from '../../../lambdas/transcoding/uploads/upload-faults.ts';
import { apiRequest } from '../../apigateway/local-api.ts';
import { BUCKET, type LocalS3, startS3 } from '../../s3/local-s3.ts';
import { createMigrationDatabase, type MigrationDatabase } from '../../support/migration-database.ts';
import {
  CHANNEL,
  fileOf,
  MIB,
  open,
  opening,
  PART_BYTES,
  partOf,
  type Refusal,
  read,
  seed,
  send,
  sha256,
  sign,
  startUploadService,
  type UploadService,
  wholeSha256,
} from './upload-service.ts';

let database: MigrationDatabase;
let s3: LocalS3;
let service: UploadService;
const file = fileOf(2 * PART_BYTES + 1234);

beforeAll(async () => {
  database = await createMigrationDatabase();
});
afterAll(() => database?.close());
beforeEach(async () => {
  await seed(database);
  s3 = await startS3();
  service = startUploadService(database, s3);
  return () => {
    service.s3.destroy();
    expect(service.errors).toEqual([]);
  };
});

const complete = <Body = CompletedUpload>(id: string, body: unknown = { sha256: wholeSha256(file) }) =>
  service.call<Body>('POST', `/api/uploads/${id}/complete`, body);
const video = async (id = 'v1') => (await database.query('select * from video_platform.videos where id = $1', [id]))[0];
const openUploads = async () => (await s3.client.send(new ListMultipartUploadsCommand({ Bucket: BUCKET }))).Uploads?.length ?? 0;

/** A client that fails instead of answering the n-th call of a command, or after S3 has carried it out; with `instead` it does that first, and goes on. */
function failingS3(command: string, when: 'before' | 'after', nth = 1, instead?: () => Promise<void>): S3Client {
  const { endpoint } = s3;
  const client = new S3Client({
    ...{ endpoint, region: 'ap-northeast-2', maxAttempts: 1, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } },
    requestChecksumCalculation: 'WHEN_REQUIRED',
  });
  let seen = 0;
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const hit = context.commandName === command && ++seen === nth;
      if (hit && instead !== undefined) {
        await instead();
        return next(args);
      }
      if (hit && when === 'before') throw new Error('lost before');
      const result = await next(args);
      if (hit) throw new Error('lost after');
      return result;
    },
    { step: 'initialize' },
  );
  return client;
}

describe('an upload', () => {
  it('takes parts in any order, becomes an original with its type and checksum, and announces one object', async () => {
    const session = await open(service, file);
    expect(session).toMatchObject({
      videoId: 'v1',
      fileName: 'clip.mp4',
      sizeBytes: file.length,
      partBytes: PART_BYTES,
      partCount: 3,
      status: 'open',
    });
    await send(service, session.id, file, 3, 1, 2);
    expect((await video())?.processing_status).toBeNull();
    const completed = await complete(session.id);
    expect(completed).toMatchObject({ status: 200, body: { id: session.id, status: 'completed', copiedParts: 3 } });
    const object = await s3.client.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'originals/v1/clip.mp4', ChecksumMode: 'ENABLED' }));
    expect(Buffer.from((await object.Body?.transformToByteArray()) ?? []).equals(file)).toBe(true);
    expect([object.ContentType, object.ChecksumSHA256]).toEqual(['video/mp4', wholeSha256(file)]);
    expect(s3.created.map(({ key }) => key)).toEqual([`temp/${session.id}/clip.mp4`, 'originals/v1/clip.mp4']);
    expect((await video())?.processing_status).toBe('uploaded');
    expect(await openUploads()).toBe(0);
  });

  it('of one small part takes the same way', async () => {
    const small = fileOf(10);
    const { id } = await open(service, small);
    await send(service, id, small, 1);
    expect(await complete(id, { sha256: wholeSha256(small) })).toMatchObject({ status: 200, body: { status: 'completed' } });
    expect((await s3.client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'originals/v1/clip.mp4' }))).ContentLength).toBe(10);
  });

  it('is found again by name, size and type, with the parts that are there, a page at a time', async () => {
    const { id } = await open(service, file);
    await send(service, id, file, 1, 3);
    const again = await service.call<UploadView>('POST', '/api/uploads', opening(file));
    expect([again.status, again.body.id]).toEqual([200, id]);
    expect(await openUploads()).toBe(1);
    const page = await read(service, id);
    expect(page.parts).toEqual(
      [1, 3].map((partNumber) => ({ partNumber, sizeBytes: partOf(file, partNumber).length, sha256: sha256(partOf(file, partNumber)) })),
    );
    expect((await read(service, id, '?after=1')).parts.map(({ partNumber }) => partNumber)).toEqual([3]);
    const other = await service.call<UploadView>('POST', '/api/uploads', opening(file, { fileName: 'other.mp4' }));
    expect([other.status, other.body.id === id]).toEqual([201, false]);
  });

  it('opened by two requests at once is opened once', async () => {
    const [one, two] = await Promise.all([open(service, file), open(service, file)]);
    expect(one.id).toBe(two.id);
    expect(await openUploads()).toBe(1);
  });

  it('completed by two requests at once is one object', async () => {
    const { id } = await open(service, file);
    await send(service, id, file, 1, 2, 3);
    const answers = await Promise.all([complete(id), complete(id)]);
    expect(answers.map(({ status, body }) => `${status} ${body.status}`).sort()).toEqual(['200 completed', '202 promoting']);
    expect(await complete(id)).toMatchObject({ status: 200, body: { status: 'completed' } });
    expect(s3.created.filter(({ key }) => key.startsWith('originals/'))).toHaveLength(1);
  });

  it('answers a repeated completion with its result, and changes nothing', async () => {
    const { id } = await open(service, file);
    await send(service, id, file, 1, 2, 3);
    const first = await complete(id);
    const created = s3.created.length;
    expect(await complete(id)).toEqual(first);
    expect(s3.created).toHaveLength(created);
  });

  it('for a video whose name was uploaded before is a new object, not the old one taken for its result', async () => {
    const before = await open(service, file);
    await send(service, before.id, file, 1, 2, 3);
    await complete(before.id);
    const changed = Buffer.from(file);
    changed.write('changed');
    const { id } = await open(service, changed);
    expect(id).not.toBe(before.id);
    await send(service, id, changed, 1, 2, 3);
    expect(await complete(id, { sha256: wholeSha256(changed) })).toMatchObject({ status: 200, body: { status: 'completed' } });
    const object = await s3.client.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'originals/v1/clip.mp4' }));
    expect(Buffer.from((await object.Body?.transformToByteArray()) ?? []).equals(changed)).toBe(true);
  });

  it('aborted is gone with its parts, and may be aborted again', async () => {
    const { id } = await open(service, file);
    await send(service, id, file, 1);
    for (let time = 0; time < 2; time++) {
      expect(await service.call('DELETE', `/api/uploads/${id}`)).toMatchObject({ status: 200, body: { status: 'aborted' } });
    }
    expect(await openUploads()).toBe(0);
    expect(await read(service, id)).toMatchObject({ status: 'aborted', parts: [] });
    expect(await complete<Refusal>(id)).toMatchObject({ status: 409, body: { error: { code: 'UPLOAD_ABORTED' } } });
    expect((await open(service, file)).id).not.toBe(id);
  });
});

describe('a completion that breaks off', () => {
  it.each([
    ['CompleteMultipartUploadCommand', 'after', 1],
    ['CompleteMultipartUploadCommand', 'after', 2],
    ['CreateMultipartUploadCommand', 'after', 1],
    ['UploadPartCopyCommand', 'before', 2],
    ['UploadPartCopyCommand', 'after', 3],
    ['CompleteMultipartUploadCommand', 'before', 2],
  ] as const)('at %s, lost %s, call %i, goes on at the next call and ends in one object', async (command, when, nth) => {
    const { id } = await open(service, file);
    await send(service, id, file, 1, 2, 3);
    Object.assign(service.overrides, { s3: failingS3(command, when, nth) });
    expect(await complete<Refusal>(id)).toMatchObject({ status: 503, body: { error: { code: 'UNAVAILABLE' } } });
    expect(service.errors.splice(0)).toEqual([expect.objectContaining({ message: `lost ${when}` })]);
    Object.assign(service.overrides, { s3: service.s3 });
    expect(await complete(id)).toMatchObject({ status: 200, body: { status: 'completed' } });
    expect(s3.created.filter(({ key }) => key.startsWith('originals/'))).toHaveLength(1);
    const { ContentLength, ChecksumSHA256 } = await s3.client.send(
      new HeadObjectCommand({ Bucket: BUCKET, Key: 'originals/v1/clip.mp4', ChecksumMode: 'ENABLED' }),
    );
    expect([ContentLength, ChecksumSHA256]).toEqual([file.length, wholeSha256(file)]);
  });

  it('for want of time says so with 202, takes no part any more, and goes on', async () => {
    const { id } = await open(service, file);
    await send(service, id, file, 1, 2, 3);
    Object.assign(service.overrides, { timeLeftMs: () => 1_000 });
    expect(await complete(id)).toMatchObject({ status: 202, body: { status: 'promoting', copiedParts: 0 } });
    expect(await read(service, id)).toMatchObject({ status: 'promoting', parts: [], next: null });
    const late = await service.call('POST', `/api/uploads/${id}/parts`, { parts: [{ partNumber: 1, sha256: sha256(partOf(file, 1)) }] });
    expect(late).toMatchObject({ status: 409, body: { error: { code: 'UPLOAD_COMPLETED' } } });
    Object.assign(service.overrides, { timeLeftMs: () => 29_000 });
    expect(await complete(id)).toMatchObject({ status: 200, body: { status: 'completed' } });
  });

  it('with its process is taken over when its time is over, not before', async () => {
    const { id } = await open(service, file);
    await send(service, id, file, 1, 2, 3);
    const died = (until: string) =>
      database.query(
        `update video_platform.upload_session set completing_by = gen_random_uuid(), completing_until = now() + $2::interval where id = $1`,
        [id, until],
      );
    await died('20 seconds');
    expect(await complete(id)).toMatchObject({ status: 202, body: { status: 'promoting' } });
    await died('-1 second');
    expect(await complete(id)).toMatchObject({ status: 200, body: { status: 'completed' } });
  });

  it('that is taken back just before the file is in its place announces no file: the video waits as before', async () => {
    const { id } = await open(service, file);
    await send(service, id, file, 1, 2, 3);
    const taken: unknown[] = [];
    const s3AndDelete = failingS3('CompleteMultipartUploadCommand', 'before', 2, async () => {
      taken.push((await video())?.processing_status, (await service.call('DELETE', `/api/uploads/${id}`)).status);
    });
    Object.assign(service.overrides, { s3: s3AndDelete });
    expect(await complete<Refusal>(id)).toMatchObject({ status: 409, body: { error: { code: 'UPLOAD_EXPIRED' } } });
    expect(taken).toEqual(['uploaded', 200]);
    expect(await video()).toMatchObject({ processing_status: null });
    expect(s3.created.filter(({ key }) => key.startsWith('originals/'))).toEqual([]);
  });

  it('may be taken back while the file is on its way, and then ends in no object', async () => {
    const { id } = await open(service, file);
    await send(service, id, file, 1, 2, 3);
    Object.assign(service.overrides, { timeLeftMs: () => 1_000 });
    await complete(id);
    expect(await service.call('DELETE', `/api/uploads/${id}`)).toMatchObject({ status: 200 });
    expect(await openUploads()).toBe(0);
    expect(await complete<Refusal>(id)).toMatchObject({ status: 409 });
    expect(s3.created.filter(({ key }) => key.startsWith('originals/'))).toEqual([]);
  });
});

describe('a signed URL', () => {
  const put = (url: string, headers: Readonly<Record<string, string>>, bytes: Buffer) =>
    fetch(url, { method: 'PUT', headers, body: new Uint8Array(bytes) });

  it('takes its own part and nothing else: not other bytes, not more of them, not without the checksum, not another number', async () => {
    const { id } = await open(service, file);
    const bytes = partOf(file, 1);
    const { url, headers, sizeBytes } = await sign(service, id, 1, bytes);
    expect([sizeBytes, Object.keys(headers)]).toEqual([PART_BYTES, ['x-amz-checksum-sha256']]);
    const other = Buffer.from(bytes);
    other[17] = 1;
    const codes = await Promise.all(
      [
        put(url, headers, other),
        put(url, headers, Buffer.concat([bytes, Buffer.from('x')])),
        put(url, {}, bytes),
        put(url, { 'x-amz-checksum-sha256': sha256(other) }, other),
        put(url.replace('partNumber=1', 'partNumber=2'), headers, bytes),
        put(url, { ...headers, 'x-amz-meta-a': 'b' }, bytes),
      ].map(async (answer) => /<Code>(\w+)</.exec(await (await answer).text())?.[1]),
    );
    expect(codes).toEqual([
      'BadDigest',
      'SignatureDoesNotMatch',
      'SignatureDoesNotMatch',
      'SignatureDoesNotMatch',
      'SignatureDoesNotMatch',
      'AccessDenied',
    ]);
    expect((await read(service, id)).parts).toEqual([]);
    expect((await put(url, headers, bytes)).status).toBe(200);
  });

  it('ends after a quarter of an hour', async () => {
    const { id } = await open(service, file);
    const { expiresAt, url } = await sign(service, id, 1, partOf(file, 1));
    expect(new URL(url).searchParams.get('X-Amz-Expires')).toBe('900');
    expect(Date.parse(expiresAt) - Date.now()).toBeGreaterThan(890_000);
  });
});

describe('a new video', () => {
  const fresh = { videoId: undefined, channelId: CHANNEL, title: '새 영상' };

  it('is private, counted by its channel, and born on VideoPick', async () => {
    const { videoId } = await open(service, file, fresh);
    expect(await video(videoId)).toMatchObject({ title: '새 영상', status: 'PRIVATE', origin: 'videopick', processing_status: null });
    expect(await database.query('select video_count::int as count from video_platform.channels')).toEqual([{ count: 2 }]);
  });

  it('is the same for the same file, for the next one after a cancelled upload, and another once a file has come', async () => {
    const first = await open(service, file, fresh);
    expect((await open(service, file, fresh)).id).toBe(first.id);
    await service.call('DELETE', `/api/uploads/${first.id}`);
    const second = await open(service, file, { ...fresh, fileName: 'better.mp4' });
    expect(second.videoId).toBe(first.videoId);
    await send(service, second.id, file, 1, 2, 3);
    await complete(second.id);
    expect((await open(service, file, fresh)).videoId).not.toBe(first.videoId);
  });
});

describe('what is refused', () => {
  it.each<[string, Record<string, unknown>, keyof typeof uploadFaults]>([
    ['10,241 MB', { sizeBytes: 10_241 * MIB }, 'FILE_TOO_LARGE'],
    ['zero bytes', { sizeBytes: 0 }, 'EMPTY_FILE'],
    ['half a byte', { sizeBytes: 0.5 }, 'INVALID_REQUEST'],
    ['a wrong extension', { fileName: 'clip.exe' }, 'UNSUPPORTED_EXTENSION'],
    ['no extension', { fileName: 'clip' }, 'UNSUPPORTED_EXTENSION'],
    ['a playlist', { fileName: 'clip.m3u8' }, 'UNSUPPORTED_EXTENSION'],
    ['a double extension', { fileName: 'clip.php.mp4' }, 'DOUBLE_EXTENSION'],
    ['another type than the extension', { contentType: 'text/html' }, 'UNSUPPORTED_TYPE'],
    ['a control character', { fileName: 'a\u0000.mp4' }, 'INVALID_FILE_NAME'],
    ['a name without end', { fileName: `${'a'.repeat(252)}.mp4` }, 'INVALID_FILE_NAME'],
    ['an unknown video', { videoId: 'nobody' }, 'UNKNOWN_VIDEO'],
    ['an unknown channel', { videoId: undefined, channelId: '00000000-0000-8000-8000-0000000000ff', title: 't' }, 'UNKNOWN_CHANNEL'],
    ['a video and a channel', { channelId: CHANNEL, title: 't' }, 'INVALID_REQUEST'],
    ['neither', { videoId: undefined }, 'INVALID_REQUEST'],
    ['an unknown field', { publish: true }, 'INVALID_REQUEST'],
  ])('%s, in both languages, and nothing is left behind', async (_, fields, code) => {
    const { status, body } = await service.call('POST', '/api/uploads', opening(file, fields));
    const { ko, en } = uploadFaults[code];
    expect([status, body]).toEqual([
      uploadFaults[code].status,
      { error: { code, ko, en, found: expect.anything(), expected: code.startsWith('UNKNOWN_') ? null : expect.anything() } },
    ]);
    expect(await database.query('select id from video_platform.upload_session')).toEqual([]);
    expect(await openUploads()).toBe(0);
  });

  it('a video whose id cannot stand in a path', async () => {
    await database.query(
      `insert into video_platform.videos (id, channel_id, title, status) select '캠페인/1', channel_id, title, status from video_platform.videos limit 1`,
    );
    const { status, body } = await service.call('POST', '/api/uploads', opening(file, { videoId: '캠페인/1' }));
    expect([status, body]).toMatchObject([422, { error: { code: 'UNSUPPORTED_VIDEO_ID', found: '캠페인/1' } }]);
    expect(await openUploads()).toBe(0);
    await database.query(`delete from video_platform.videos where id = '캠페인/1'`);
  });

  it('takes 10,240 MB to the byte', async () => {
    expect((await service.call('POST', '/api/uploads', opening(file, { sizeBytes: 10_240 * MIB }))).status).toBe(201);
  });

  it('names that would lead elsewhere are kept for display and never become part of a path', async () => {
    for (const fileName of ['../../etc/passwd.mp4', '내 영상 (최종)+1.mp4', 'a%2Fb.mp4', '..mp4', '.mp4', '😀.mp4']) {
      const session = await open(service, file, { fileName });
      expect(session.fileName).toBe(fileName);
      const [row] = await database.query<{ object_key: string }>('select object_key from video_platform.upload_session where id = $1', [
        session.id,
      ]);
      expect(row?.object_key).toMatch(new RegExp(`^temp/${session.id}/[A-Za-z0-9_-]+\\.mp4$`));
    }
  });

  it('a completion with parts missing, of the wrong whole, or before anything came; the upload stays open', async () => {
    const { id } = await open(service, file);
    await send(service, id, file, 2);
    const missing = await complete<Refusal>(id);
    expect(missing).toMatchObject({
      status: 422,
      body: { error: { code: 'PARTS_MISSING', found: '1 parts, not 1, 3', expected: '3 parts' } },
    });
    await send(service, id, file, 1, 3);
    const wrong = await complete<Refusal>(id, { sha256: wholeSha256(fileOf(file.length + PART_BYTES)) });
    expect(wrong).toMatchObject({ status: 422, body: { error: { code: 'CHECKSUM_MISMATCH', found: wholeSha256(file) } } });
    expect(await read(service, id)).toMatchObject({ status: 'open' });
    expect((await complete(id)).status).toBe(200);
  });

  it('a part of the wrong size', async () => {
    const { id } = await open(service, file);
    await send(service, id, file, 1, 2, 3);
    await database.query('update video_platform.upload_session set size_bytes = size_bytes + 1 where id = $1', [id]);
    expect(await complete<Refusal>(id)).toMatchObject({
      status: 422,
      body: { error: { code: 'WRONG_PART_SIZE', found: 'part 3 of 1234 bytes', expected: '1235 bytes' } },
    });
  });

  it('parts the file does not have, or of an upload that is no more', async () => {
    const { id } = await open(service, file);
    const parts = (partNumber: number) => ({ parts: [{ partNumber, sha256: sha256(file) }] });
    expect(await service.call('POST', `/api/uploads/${id}/parts`, parts(4))).toMatchObject({
      status: 422,
      body: { error: { code: 'NO_SUCH_PART', expected: '1 to 3' } },
    });
    expect(await service.call('POST', `/api/uploads/${id}/parts`, { parts: [] })).toMatchObject({ status: 400 });
    await service.call('DELETE', `/api/uploads/${id}`);
    expect(await service.call('POST', `/api/uploads/${id}/parts`, parts(1))).toMatchObject({
      status: 409,
      body: { error: { code: 'UPLOAD_ABORTED' } },
    });
  });

  it('an upload that S3 has thrown away is said to be expired, and the file gets a new one', async () => {
    const { id } = await open(service, file);
    const [row] = await database.query<{ object_key: string; s3_upload_id: string }>(
      'select object_key, s3_upload_id from video_platform.upload_session',
    );
    await s3.client.send(new AbortMultipartUploadCommand({ Bucket: BUCKET, Key: row?.object_key, UploadId: row?.s3_upload_id }));
    expect(await service.call('GET', `/api/uploads/${id}`)).toMatchObject({ status: 409, body: { error: { code: 'UPLOAD_EXPIRED' } } });
    expect(await complete<Refusal>(id)).toMatchObject({ status: 409, body: { error: { code: 'UPLOAD_EXPIRED' } } });
    expect(await service.call<UploadPage>('POST', '/api/uploads', opening(file))).toMatchObject({ status: 201 });
  });

  it('a completed upload that is to be aborted', async () => {
    const { id } = await open(service, file);
    await send(service, id, file, 1, 2, 3);
    await complete(id);
    expect(await service.call('DELETE', `/api/uploads/${id}`)).toMatchObject({
      status: 409,
      body: { error: { code: 'UPLOAD_COMPLETED' } },
    });
  });

  it.each([['00000000-0000-4000-8000-000000000000'], ['no-uuid'], ['%2e%2e'], ["'; drop table x"]])('the unknown upload %s', async (id) => {
    expect(await service.call('GET', `/api/uploads/${encodeURIComponent(id)}`)).toMatchObject({
      status: 404,
      body: { error: { code: 'UNKNOWN_UPLOAD' } },
    });
  });

  it('what is not JSON, is broken JSON, or is too much of it', async () => {
    const post = async (body: string, type = 'application/json') => {
      const answer = await service.api.handle(
        apiRequest({ method: 'POST', path: '/api/uploads', headers: { 'content-type': type }, body: Buffer.from(body) }),
      );
      return [answer.status, (JSON.parse(answer.body.toString()) as Refusal).error.code];
    };
    expect(await post('a=b', 'application/x-www-form-urlencoded')).toEqual([415, 'NOT_JSON']);
    expect(await post('{')).toEqual([400, 'INVALID_REQUEST']);
    expect(await post(JSON.stringify(opening(file, { title: 'a'.repeat(20_000) })))).toEqual([413, 'REQUEST_TOO_LARGE']);
  });
});
