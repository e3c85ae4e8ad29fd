import { z } from 'zod';
import type { DataApi, Row } from '../../data-api/data-api.ts';
import { privatePath, privatePrefix } from '../../delivery/private-path.ts';
import { type SigningKey, setCookie, signCookies } from '../../delivery/sign-cookies.ts';
import { type HttpResponse, jsonResponse } from '../../http-response.ts';
import { flagsFor, type ServedFlags } from '../flags.ts';
import { ApiError } from './api-faults.ts';
import { type ApiRequest, answering } from './http.ts';
import { UserQuery, userOf } from './user-id.ts';

/** What the edge says of the viewer; whatever a viewer sends under these names is replaced there (lib/delivery/edge/name-viewer-host.js). */
export const VIEWER_HOST_HEADER = 'x-viewer-host';
export const VIEWER_IS_OPERATOR_HEADER = 'x-viewer-is-operator';

/** LinkPick's ids and our own. */
export const VideoId = z.string().regex(/^[A-Za-z0-9_-]{1,30}$/);

const Path = z.string().describe('Relative to the address that was asked');

export const StreamQuery = UserQuery.extend({
  as: z.literal('operator').optional().describe('For operators, from their networks: what no user may see yet, and private videos'),
});

/** What a player needs. */
export const StreamView = z.strictObject({
  videoId: VideoId,
  visibility: z.enum(['PUBLISHED', 'UNLISTED', 'PRIVATE']),
  url: Path.describe('The multivariant playlist (HLS), relative to the address that was asked'),
  posterUrl: Path.nullable(),
  storyboardUrl: Path.nullable().describe('WebVTT with cues into tile sheets'),
  previewUrl: Path.nullable(),
  durationSeconds: z.number().nullable(),
  /** Of the cookies that came with the answer; null when the media needs none. */
  expiresAt: z.iso.datetime().nullable().describe('When the cookies of a private video end: ask again before'),
});
export type StreamView = z.output<typeof StreamView>;

export interface StreamDependencies {
  readonly db: Pick<DataApi, 'query'>;
  readonly flags: { value(): Promise<ServedFlags> };
  readonly readSigningKey: () => Promise<SigningKey>;
  readonly now: () => Date;
  readonly onError: (error: unknown) => void;
}

/** Longer than a film with a pause. */
const COOKIE_HOURS = 6;

/** `GET /api/videos/{id}/stream?user=…` (docs/decisions/0019-app-api.md: who sees what). */
export function readStream(request: ApiRequest, { db, flags, readSigningKey, now, onError }: StreamDependencies): Promise<HttpResponse> {
  return answering(async () => {
    const user = userOf(request);
    const isOperator = asksAsOperator(request);
    // Operators look at videos before anybody may; asking for a user, they see what the user sees.
    const isOpen = isOperator || flagsFor(await flags.value(), user).ENABLE_VIDEO_PLAYER.enabled;
    if (!isOpen) throw new ApiError('PLAYER_NOT_OPEN', { found: user ?? null });
    const video = await readVideo(db, request.pathParameters?.id ?? '');
    if (video.status === 'PRIVATE' && !isOperator) throw new ApiError('VIDEO_PRIVATE', { found: video.id });
    if (video.video_url === null) throw new ApiError('NOT_READY', { found: video.processing_status ?? 'no upload', expected: 'ready' });
    if (video.status !== 'PRIVATE') return jsonResponse(200, viewOf(video, video.video_url));
    const grant = {
      host: request.headers?.[VIEWER_HOST_HEADER] ?? '',
      pathPrefix: privatePrefix(video.video_url),
      expiresAt: new Date(now().getTime() + COOKIE_HOURS * 3_600_000),
    };
    const cookies = signCookies(await readSigningKey(), grant);
    return {
      ...jsonResponse(200, privately(viewOf(video, video.video_url), grant)),
      cookies: cookies.map((cookie) => setCookie(cookie, grant.pathPrefix)),
    };
  }, onError);
}

/** Said, not inferred: the app's servers stand in the operators' networks too, and ask for their users. @throws {ApiError} */
function asksAsOperator({ queryStringParameters: { as, user } = {}, headers = {} }: ApiRequest): boolean {
  if (as === undefined) return false;
  if (as !== 'operator' || user !== undefined)
    throw new ApiError('INVALID_REQUEST', { found: `as=${as.slice(0, 100)}`, expected: 'as=operator without a user, or no "as"' });
  if (headers[VIEWER_IS_OPERATOR_HEADER] !== 'true') throw new ApiError('OPERATORS_ONLY');
  return true;
}

interface VideoRow extends Row {
  readonly id: string;
  readonly status: StreamView['visibility'];
  readonly processing_status: string | null;
  readonly video_url: string | null;
  readonly thumbnail_url: string | null;
  readonly storyboard_url: string | null;
  readonly preview_url: string | null;
  readonly duration_seconds: number | null;
}

/** @throws {ApiError} UNKNOWN_VIDEO, also for what is no id at all */
async function readVideo(db: Pick<DataApi, 'query'>, id: string): Promise<VideoRow> {
  const known = VideoId.safeParse(id).success;
  const [video] = known
    ? await db.query<VideoRow>(
        `select id, status, processing_status, video_url, thumbnail_url, storyboard_url, preview_url, duration_seconds::float8 as duration_seconds
         from video_platform.videos where id = :id`,
        { id },
      )
    : [];
  if (video === undefined) throw new ApiError('UNKNOWN_VIDEO', { found: id.slice(0, 100) });
  return video;
}

function viewOf(video: VideoRow, url: string): StreamView {
  return {
    videoId: video.id,
    visibility: video.status,
    url,
    posterUrl: video.thumbnail_url,
    storyboardUrl: video.storyboard_url,
    previewUrl: video.preview_url,
    durationSeconds: video.duration_seconds,
    expiresAt: null,
  };
}

/** The same files where the cookies open them. A poster of another version, or LinkPick's picture, stays out: no cookie is for it. */
function privately(view: StreamView, { pathPrefix, expiresAt }: { readonly pathPrefix: string; readonly expiresAt: Date }): StreamView {
  const opened = (path: string | null) => {
    if (path === null || !/^\/(encoded|thumbnails|previews)\//.test(path)) return null;
    const hidden = privatePath(path);
    return hidden.startsWith(pathPrefix) ? hidden : null;
  };
  return {
    ...view,
    url: privatePath(view.url),
    posterUrl: opened(view.posterUrl),
    storyboardUrl: opened(view.storyboardUrl),
    previewUrl: opened(view.previewUrl),
    expiresAt: expiresAt.toISOString(),
  };
}
