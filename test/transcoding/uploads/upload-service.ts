import { createHash, randomUUID } from 'node:crypto';
import type { S3Client } from '@aws-sdk/client-s3';
import { S3Client as Client } from '@aws-sdk/client-s3';
import { answerUpload, UPLOAD_ROUTES } from '../../../lambdas/transcoding/uploads/answer-upload.ts';
import type { UploadDependencies } from '../../../lambdas/transcoding/uploads/dependencies.ts';
import type { UploadPage, UploadView } from '../../../lambdas/transcoding/uploads/read-upload.ts';
import type { SignedPart } from '../../../lambdas/transcoding/uploads/sign-parts.ts';
import type { UploadFaultCode } from '../../../lambdas/transcoding/uploads/upload-faults.ts';
import type { HttpApi } from '../../../local/apigateway/http-api.ts';
import { apiRequest, startApi } from '../../apigateway/local-api.ts';
import { BUCKET, type LocalS3 } from '../../s3/local-s3.ts';
import { emptyVideoPlatform } from '../../support/database-content.ts';
import type { MigrationDatabase } from '../../support/migration-database.ts';

export const MIB = 1024 * 1024;
/** The smallest S3 takes. */
export const PART_BYTES = 5 * MIB;
export const CHANNEL = '00000000-0000-8000-8000-000000000001';

export interface Refusal {
  readonly error: {
    readonly code: UploadFaultCode;
    readonly ko: string;
    readonly en: string;
    readonly found: unknown;
    readonly expected: unknown;
  };
}

export interface Answered<Body> {
  readonly status: number;
  readonly body: Body;
}

/** The upload API as a client meets it: the HTTP API's routes and events, the handler, the database, the S3 behind its gateway. */
export interface UploadService {
  readonly api: HttpApi;
  readonly s3: S3Client;
  readonly errors: unknown[];
  /** What the next requests get in the place of the usual. */
  readonly overrides: Partial<UploadDependencies>;
  call<Body = Refusal>(method: string, path: string, body?: unknown): Promise<Answered<Body>>;
}

export function startUploadService({ db }: MigrationDatabase, { endpoint }: LocalS3): UploadService {
  const s3 = new Client({
    endpoint,
    region: 'ap-northeast-2',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' }, // so that signatures are verified
    requestChecksumCalculation: 'WHEN_REQUIRED',
  });
  const errors: unknown[] = [];
  const overrides: Partial<UploadDependencies> = {};
  const usual: UploadDependencies = {
    flags: { value: async () => ({}) },
    ...{ db, s3, bucket: BUCKET, maxBytes: 10_240 * MIB, partBytes: PART_BYTES },
    ...{ newId: randomUUID, now: () => new Date(), timeLeftMs: () => 29_000 },
  };
  const api = startApi({ routes: UPLOAD_ROUTES }, (_arn, event) =>
    answerUpload(event as Parameters<typeof answerUpload>[0], {
      ...usual,
      ...overrides,
      onAnswer: () => {},
      onError: (error) => errors.push(error),
    }),
  );
  return {
    ...{ api, s3, errors, overrides },
    async call<Body>(method: string, target: string, body?: unknown) {
      const [path = '', query = ''] = target.split('?');
      const request = apiRequest({
        ...{ method, path, query },
        headers: body === undefined ? {} : { 'content-type': 'application/json' },
        body: Buffer.from(body === undefined ? '' : JSON.stringify(body)),
      });
      const answer = await api.handle(request);
      return { status: answer.status, body: JSON.parse(answer.body.toString()) as Body };
    },
  };
}

/** Empties VideoPick's tables and makes a channel with the video `v1`, a campaign's placeholder. */
export async function seed(database: MigrationDatabase): Promise<void> {
  await emptyVideoPlatform(database);
  await database.query(`insert into video_platform.users (id, email, name, user_type) values ('u', 'u@example.com', '이름', 'CREATOR')`);
  await database.query(
    `insert into video_platform.channels (id, user_id, name, handle, video_count) values ('${CHANNEL}', 'u', '채널', '채널', 1)`,
  );
  await database.query(
    `insert into video_platform.videos (id, channel_id, title, status) values ('v1', '${CHANNEL}', '영상', 'PUBLISHED')`,
  );
}

/** A file of the given size whose parts all differ. */
export function fileOf(sizeBytes: number): Buffer {
  const file = Buffer.alloc(sizeBytes);
  for (let at = 0; at < sizeBytes; at += 4096) file.writeUInt32BE(at, Math.min(at, Math.max(0, sizeBytes - 4)));
  return file;
}

export const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('base64');

export function partOf(file: Buffer, partNumber: number): Buffer {
  return file.subarray((partNumber - 1) * PART_BYTES, partNumber * PART_BYTES);
}

export function wholeSha256(file: Buffer): string {
  const count = Math.ceil(file.length / PART_BYTES);
  const digests = Array.from({ length: count }, (_, index) => Buffer.from(sha256(partOf(file, index + 1)), 'base64'));
  return `${sha256(Buffer.concat(digests))}-${count}`;
}

export function opening(file: Buffer, fields: Record<string, unknown> = {}): Record<string, unknown> {
  return { videoId: 'v1', fileName: 'clip.mp4', sizeBytes: file.length, contentType: 'video/mp4', ...fields };
}

export async function open(service: UploadService, file: Buffer, fields: Record<string, unknown> = {}): Promise<UploadView> {
  return (await service.call<UploadView>('POST', '/api/uploads', opening(file, fields))).body;
}

export async function sign(service: UploadService, id: string, partNumber: number, bytes: Buffer): Promise<SignedPart> {
  const body = { parts: [{ partNumber, sha256: sha256(bytes) }] };
  const signed = await service.call<{ parts: SignedPart[] }>('POST', `/api/uploads/${id}/parts`, body);
  const [part] = signed.body.parts ?? [];
  if (part === undefined) throw new Error(`no URL for part ${partNumber}: ${JSON.stringify(signed.body)}`);
  return part;
}

/** Sends parts as a browser would. */
export async function send(service: UploadService, id: string, file: Buffer, ...partNumbers: number[]): Promise<void> {
  for (const partNumber of partNumbers) {
    const bytes = partOf(file, partNumber);
    const { url, headers } = await sign(service, id, partNumber, bytes);
    const answer = await fetch(url, { method: 'PUT', headers, body: new Uint8Array(bytes) });
    if (!answer.ok) throw new Error(`part ${partNumber}: ${answer.status} ${await answer.text()}`);
  }
}

export const read = async (service: UploadService, id: string, query = '') =>
  (await service.call<UploadPage>('GET', `/api/uploads/${id}${query}`)).body;
