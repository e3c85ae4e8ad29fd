import { generateKeyPairSync } from 'node:crypto';
import type { ApiRequest } from '../../../lambdas/rollout/api/http.ts';
import { readRollout } from '../../../lambdas/rollout/api/read-rollout.ts';
import { readStream, type StreamDependencies } from '../../../lambdas/rollout/api/read-stream.ts';
import { FLAG_NAMES, type FlagName, flagOf } from '../../../lambdas/rollout/catalogue.ts';
import type { ServedFlags } from '../../../lambdas/rollout/flags.ts';
import { keyOf } from '../../../lambdas/rollout/keys.ts';
import type { NoticesDocument } from '../../../lambdas/rollout/notices.ts';
import type { HttpApi } from '../../../local/apigateway/http-api.ts';
import { apiRequest, startApi } from '../../apigateway/local-api.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const SIGNING = { publicKey, key: { keyPairId: 'K1', privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() } };
export const NOW = new Date('2026-11-23T00:00:00Z');

/** Flags of all phases up to `phase`, open to `percent` per cent. */
export function openUpTo(phase: string, percent = 100, testers: readonly string[] = []): ServedFlags {
  const opened = FLAG_NAMES.filter((name) => (flagOf(name).phase ?? '9') <= phase);
  return Object.fromEntries(opened.map((name) => [keyOf(name), { enabled: true, percent, testers }]));
}

export const switchedOff = (name: FlagName): ServedFlags => ({ [keyOf(name)]: { enabled: false } });

export interface Answered<Body> {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Body;
}

export interface ApiService {
  readonly api: HttpApi;
  readonly errors: unknown[];
  flags: ServedFlags;
  notices: NoticesDocument;
  get<Body = { error: { code: string; found: unknown } }>(target: string, headers?: Record<string, string>): Promise<Answered<Body>>;
}

/** The app's API as a client meets it: the HTTP API's routes and events, and the handlers. */
export function startApiService(db: StreamDependencies['db']): ApiService {
  const errors: unknown[] = [];
  const onError = (error: unknown) => void errors.push(error);
  const routes = ['GET /api/rollout', 'GET /api/videos/{id}/stream'];
  const api = startApi({ routes }, (_arn, event) => {
    const { routeKey } = event as { routeKey: string };
    const flags = { value: async () => service.flags };
    if (routeKey === routes[0])
      return readRollout(event as ApiRequest, { flags, notices: { value: async () => service.notices }, onError });
    return readStream(event as ApiRequest, { db, flags, readSigningKey: async () => SIGNING.key, now: () => NOW, onError });
  });
  const service: ApiService = {
    ...{ api, errors, flags: {}, notices: {} },
    async get<Body>(target: string, headers: Record<string, string> = {}) {
      const [path = '', query = ''] = target.split('?');
      const answer = await api.handle(apiRequest({ path, query, headers }));
      return { status: answer.status, headers: answer.headers, body: JSON.parse(answer.body.toString()) as Body };
    },
  };
  return service;
}
