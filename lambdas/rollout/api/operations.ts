import { z } from 'zod';
import { OpenUploadQuery } from '../../transcoding/uploads/admit-upload.ts';
import { CompleteUploadInput } from '../../transcoding/uploads/complete-upload.ts';
import { OpenUploadInput } from '../../transcoding/uploads/open-upload.ts';
import { ReadUploadQuery } from '../../transcoding/uploads/read-upload.ts';
import { SignPartsInput } from '../../transcoding/uploads/sign-parts.ts';
import { uploadFaults } from '../../transcoding/uploads/upload-faults.ts';
import { CompletedUploadAnswer, RolloutAnswer, SignedPartsAnswer, UploadAnswer, UploadPageAnswer } from './answer-schemas.ts';
import { apiFaults } from './api-faults.ts';
import { StreamQuery, StreamView, VideoId } from './read-stream.ts';
import { UserQuery } from './user-id.ts';

/** Why a request is refused, by code. */
export type Faults = Readonly<Record<string, { readonly status: number; readonly en: string }>>;

/** One route as its callers know it. */
export interface Operation {
  readonly id: string;
  readonly summary: string;
  readonly path?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** By status. */
  readonly answers: Readonly<Record<number, z.ZodType>>;
  readonly faults: Faults;
}

const { INVALID_USER, UNAVAILABLE } = apiFaults;
/** Each route of uploads may meet most of them. */
const uploads = { faults: uploadFaults };
const uploadId = { path: z.object({ id: z.uuid() }) };

/** All routes of the app's API by their keys. What is said of requests is what they are parsed with. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  'GET /api/rollout': {
    id: 'readRollout',
    summary: 'The flags as a user has them, the phase and the notice',
    query: UserQuery,
    answers: { 200: RolloutAnswer },
    faults: { INVALID_USER, UNAVAILABLE },
  },
  'GET /api/videos/{id}/stream': {
    id: 'readStream',
    summary: 'Where a video plays. For a private one the answer sets the cookies that open it; operators alone get them.',
    path: z.object({ id: VideoId }),
    query: StreamQuery,
    answers: { 200: StreamView },
    faults: apiFaults,
  },
  'POST /api/uploads': {
    id: 'openUpload',
    summary: 'Opens an upload (201), or finds the one that is open for this file (200). For operators’ networks, as are all uploads.',
    query: OpenUploadQuery,
    body: OpenUploadInput,
    answers: { 200: UploadAnswer, 201: UploadAnswer },
    ...uploads,
  },
  'GET /api/uploads/{id}': {
    id: 'readUpload',
    summary: 'How far an upload is, and its parts that have arrived',
    ...uploadId,
    query: ReadUploadQuery,
    answers: { 200: UploadPageAnswer },
    ...uploads,
  },
  'POST /api/uploads/{id}/parts': {
    id: 'signParts',
    summary: 'A URL for each part that is about to leave, good for 15 minutes and these bytes alone',
    ...uploadId,
    body: SignPartsInput,
    answers: { 200: SignedPartsAnswer },
    ...uploads,
  },
  'POST /api/uploads/{id}/complete': {
    id: 'completeUpload',
    summary: 'Joins, checks and promotes the file: 200 when it is in its place, 202 when it is on its way: ask again',
    ...uploadId,
    body: CompleteUploadInput,
    answers: { 200: CompletedUploadAnswer, 202: CompletedUploadAnswer },
    ...uploads,
  },
  'DELETE /api/uploads/{id}': {
    id: 'abortUpload',
    summary: 'Takes an upload back',
    ...uploadId,
    answers: { 200: UploadAnswer },
    ...uploads,
  },
  'GET /api/openapi.json': { id: 'describeApi', summary: 'This document', answers: { 200: z.looseObject({}) }, faults: {} },
};
