import { type HttpResponse, jsonResponse } from '../../http-response.ts';
import { currentPhase, flagsFor, type ServedFlags, type UserFlags } from '../flags.ts';
import type { Notice, NoticesDocument } from '../notices.ts';
import { type ApiRequest, answering } from './http.ts';
import { userOf } from './user-id.ts';

/** How the platform stands for one user. */
export interface RolloutView {
  readonly user: string | null;
  /** The last phase that is open to anybody; null before the first. */
  readonly phase: string | null;
  readonly flags: UserFlags;
  readonly notice: Notice | null;
}

export interface RolloutDependencies {
  readonly flags: { value(): Promise<ServedFlags> };
  readonly notices: { value(): Promise<NoticesDocument> };
  readonly onError: (error: unknown) => void;
}

/** A phase opens over minutes; a few seconds more in a browser take load off, and nobody waits for them. */
const KEPT_SECONDS = 5;

/** `GET /api/rollout?user=…`. The phase is read off the flags themselves: no database on this path. */
export function readRollout(request: ApiRequest, { flags, notices, onError }: RolloutDependencies): Promise<HttpResponse> {
  return answering(async () => {
    const user = userOf(request);
    const [document, { notice }] = await Promise.all([flags.value(), notices.value()]);
    const view: RolloutView = {
      user: user ?? null,
      phase: currentPhase(document),
      flags: flagsFor(document, user),
      notice: notice ?? null,
    };
    // What everybody has may be shared by caches on the way; what one user has may not.
    return jsonResponse(200, view, { 'cache-control': `${user === undefined ? 'public' : 'private'}, max-age=${KEPT_SECONDS}` });
  }, onError);
}
