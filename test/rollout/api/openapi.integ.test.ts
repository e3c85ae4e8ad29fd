import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { describeApi } from '../../../lambdas/rollout/api/describe-api.ts';
import { OPERATIONS } from '../../../lambdas/rollout/api/operations.ts';
import { UPLOAD_ROUTES } from '../../../lambdas/transcoding/uploads/answer-upload.ts';
import { startS3 } from '../../s3/local-s3.ts';
import { createMigrationDatabase, type MigrationDatabase } from '../../support/migration-database.ts';
import {
  fileOf,
  opening,
  PART_BYTES,
  seed,
  send,
  sha256,
  startUploadService,
  type UploadService,
  wholeSha256,
} from '../../transcoding/uploads/upload-service.ts';
import { openUpTo, startApiService, switchedOff } from './api-service.ts';
import { DOCUMENT, faultsOf } from './described.ts';

describe('the description', () => {
  it('is OpenAPI 3.1 of every route, with an id of its own and every parameter of its path', () => {
    expect(DOCUMENT.openapi).toMatch(/^3\.1\./);
    const operations = Object.entries(DOCUMENT.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ key: `${method.toUpperCase()} ${path}`, path, operation })),
    );
    expect(operations.map(({ key }) => key).sort()).toEqual(Object.keys(OPERATIONS).sort());
    expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(operations.length);
    for (const { path, operation } of operations) {
      const named = (operation.parameters ?? []).filter((parameter) => (parameter as { in: string }).in === 'path');
      expect(named.map((parameter) => `{${(parameter as { name: string }).name}}`)).toEqual(path.match(/\{\w+\}/g) ?? []);
    }
  });

  it('knows all routes of uploads', () => {
    expect(Object.keys(OPERATIONS)).toEqual(expect.arrayContaining([...UPLOAD_ROUTES]));
  });

  it('is served as JSON, for caches to keep', () => {
    const { headers, body } = describeApi(JSON.stringify(DOCUMENT));
    expect(headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8', 'cache-control': 'public, max-age=300' });
    expect(JSON.parse(body)).toEqual(DOCUMENT);
  });

  it('would notice an answer that it does not describe', () => {
    expect(faultsOf('GET /api/rollout', { status: 418, body: {} })).toHaveLength(1);
    expect(faultsOf('GET /api/rollout', { status: 200, body: { user: null } })).not.toEqual([]);
  });
});

describe('the rollout answers as described', () => {
  it.each(['4.0', '4.1', '4.4'])('in phase %s', async (phase) => {
    const service = startApiService({ query: async () => [] });
    service.flags = openUpTo(phase);
    for (const query of ['', '?user=u1', '?user=a%20b']) {
      expect(faultsOf('GET /api/rollout', await service.get(`/api/rollout${query}`))).toEqual([]);
    }
  });
});

describe('uploads answer as described', () => {
  let database: MigrationDatabase;
  let service: UploadService;
  beforeAll(async () => {
    database = await createMigrationDatabase();
  });
  afterAll(() => database?.close());
  beforeEach(async () => {
    service = startUploadService(database, await startS3());
    await seed(database);
  });

  it('from opening to completion, and when they are refused', async () => {
    const seen: string[] = [];
    const ask = async <Body>(method: string, path: string, key: string, body?: unknown) => {
      const answer = await service.call<Body>(method, path, body);
      expect(faultsOf(key, answer)).toEqual([]);
      seen.push(`${key} ${answer.status}`);
      return answer.body;
    };
    const file = fileOf(PART_BYTES + 10);
    const { id } = await ask<{ id: string }>('POST', '/api/uploads', 'POST /api/uploads', opening(file));
    await ask('POST', '/api/uploads', 'POST /api/uploads', opening(file));
    await ask('POST', '/api/uploads', 'POST /api/uploads', { ...opening(file), fileName: 'clip.exe' });
    await ask('POST', '/api/uploads', 'POST /api/uploads', opening(file, { sizeBytes: 10 ** 12 }));
    await ask('POST', '/api/uploads?user=u1', 'POST /api/uploads', opening(file));
    const parts = { parts: [{ partNumber: 1, sha256: sha256(file) }] };
    await ask('POST', `/api/uploads/${id}/parts`, 'POST /api/uploads/{id}/parts', parts);
    await ask('POST', `/api/uploads/${id}/complete`, 'POST /api/uploads/{id}/complete', { sha256: wholeSha256(file) });
    await send(service, id, file, 1, 2);
    await ask('GET', `/api/uploads/${id}`, 'GET /api/uploads/{id}');
    await ask('POST', `/api/uploads/${id}/complete`, 'POST /api/uploads/{id}/complete', { sha256: wholeSha256(file) });
    await ask('DELETE', `/api/uploads/${id}`, 'DELETE /api/uploads/{id}');
    const other = await ask<{ id: string }>('POST', '/api/uploads', 'POST /api/uploads', opening(file, { fileName: 'b.mp4' }));
    await ask('DELETE', `/api/uploads/${other.id}`, 'DELETE /api/uploads/{id}');
    await ask('GET', '/api/uploads/nothing', 'GET /api/uploads/{id}');
    expect(seen).toEqual([
      'POST /api/uploads 201',
      'POST /api/uploads 200',
      'POST /api/uploads 415',
      'POST /api/uploads 413',
      'POST /api/uploads 403',
      'POST /api/uploads/{id}/parts 200',
      'POST /api/uploads/{id}/complete 422',
      'GET /api/uploads/{id} 200',
      'POST /api/uploads/{id}/complete 200',
      'DELETE /api/uploads/{id} 409',
      'POST /api/uploads 201',
      'DELETE /api/uploads/{id} 200',
      'GET /api/uploads/{id} 404',
    ]);
  });

  it('are gated: a user by ENABLE_VIDEO_UPLOAD, everybody by VIDEO_PROCESSING_ENABLED, operators by nothing else', async () => {
    const file = fileOf(10);
    const outcome = async (query: string, fields = {}) => {
      const { status, body } = await service.call<{ error?: { code: string } }>('POST', `/api/uploads${query}`, opening(file, fields));
      return body.error?.code ?? status;
    };
    const under = (flags: ReturnType<typeof openUpTo>) => Object.assign(service.overrides, { flags: { value: async () => flags } });
    under(openUpTo('4.1', 0, ['tester']));
    expect(await outcome('?user=other')).toBe('UPLOAD_NOT_OPEN');
    expect(await outcome('?user=tester')).toBe(201);
    expect(await outcome('', { fileName: 'operator.mp4' })).toBe(201);
    expect(await outcome('?user=a%20b')).toBe('INVALID_REQUEST');
    under(switchedOff('VIDEO_PROCESSING_ENABLED'));
    expect([await outcome(''), await outcome('?user=tester')]).toEqual(['PROCESSING_OFF', 'PROCESSING_OFF']);
    under({ video_processing_enabled: { enabled: true, max_video_size_mb: 1, allowed_video_formats: ['webm'] } });
    expect(await outcome('')).toBe('UNSUPPORTED_EXTENSION');
    expect(await outcome('', { fileName: 'a.webm', contentType: 'video/webm', sizeBytes: 1024 * 1024 + 1 })).toBe('FILE_TOO_LARGE');
    expect(await outcome('', { fileName: 'a.webm', contentType: 'video/webm' })).toBe(201);
  });
});
