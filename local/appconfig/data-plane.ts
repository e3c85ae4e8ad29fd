import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { ServiceRequest, ServiceResponse } from '../gateway/service.ts';
import { badRequest, notFound } from './errors.ts';
import { type Configuration, findConfiguration } from './find-configuration.ts';
import { retrieved } from './retrieved.ts';
import type { Store } from './store.ts';
import { readBody } from './wire.ts';

const TOKEN_LIFE_MS = 24 * 60 * 60 * 1000;
const DEFAULT_POLL_INTERVAL_S = 60;

interface Session extends Configuration {
  /** Says how early a growing deployment reaches this session. */
  readonly slot: number;
  readonly minPollIntervalMs: number;
  readonly pollIntervalS: number;
  servedVersion?: number;
  polledAtMs?: number;
}

const StartBody = z.strictObject({
  ApplicationIdentifier: z.string().min(1),
  EnvironmentIdentifier: z.string().min(1),
  ConfigurationProfileIdentifier: z.string().min(1),
  RequiredMinimumPollIntervalInSeconds: z.number().int().min(15).max(86_400).optional(),
});

/** AppConfigData: sessions with tokens that are used once. Sessions end with the process; their readers start new ones. */
export class DataPlane {
  readonly #store: Store;
  readonly #random: () => number;
  readonly #tokens = new Map<string, { readonly session: Session; readonly expiresAtMs: number }>();

  constructor(store: Store, random: () => number) {
    this.#store = store;
    this.#random = random;
  }

  startSession(request: ServiceRequest): ServiceResponse {
    const body = readBody(StartBody, request);
    const minimum = body.RequiredMinimumPollIntervalInSeconds;
    const session: Session = {
      ...findConfiguration(this.#store, body.ApplicationIdentifier, body.EnvironmentIdentifier, body.ConfigurationProfileIdentifier),
      slot: this.#random() * 100,
      minPollIntervalMs: (minimum ?? 0) * 1000,
      pollIntervalS: minimum ?? DEFAULT_POLL_INTERVAL_S,
    };
    this.#forgetExpired();
    return { status: 201, body: { InitialConfigurationToken: this.#issue(session) } };
  }

  /** The document, or nothing when the session has it already. */
  getLatest({ query }: ServiceRequest): ServiceResponse {
    const token = query.get('configuration_token') ?? '';
    const session = this.#session(token);
    const { environment, profile, slot } = session;
    const version = this.#store.served(environment.Id, profile.Id, slot);
    if (version === undefined) throw notFound('Deployment', `of ${profile.Name} to ${environment.Name}`);
    this.#tokens.delete(token);
    const unchanged = session.servedVersion === version.number;
    session.servedVersion = version.number;
    session.polledAtMs = this.#store.now();
    return {
      headers: {
        'content-type': version.contentType,
        'Next-Poll-Configuration-Token': this.#issue(session),
        'Next-Poll-Interval-In-Seconds': String(session.pollIntervalS),
        ...(version.label === undefined || unchanged ? {} : { 'Version-Label': version.label }),
      },
      body: unchanged ? undefined : retrieved(profile, version),
    };
  }

  #session(token: string): Session {
    const known = this.#tokens.get(token);
    if (known === undefined) throw refusedToken('Corrupted');
    if (known.expiresAtMs <= this.#store.now()) throw refusedToken('Expired');
    const { session } = known;
    const dueMs = (session.polledAtMs ?? Number.NEGATIVE_INFINITY) + session.minPollIntervalMs;
    if (this.#store.now() < dueMs) throw refusedToken('PollIntervalNotSatisfied');
    return session;
  }

  #issue(session: Session): string {
    const token = randomBytes(32).toString('base64url');
    this.#tokens.set(token, { session, expiresAtMs: this.#store.now() + TOKEN_LIFE_MS });
    return token;
  }

  /** Told apart from a damaged token for one more life, then forgotten. */
  #forgetExpired(): void {
    for (const [token, { expiresAtMs }] of this.#tokens) if (expiresAtMs + TOKEN_LIFE_MS < this.#store.now()) this.#tokens.delete(token);
  }
}

function refusedToken(problem: 'Corrupted' | 'Expired' | 'PollIntervalNotSatisfied') {
  return badRequest(`Request failed validation: the configuration token is refused (${problem})`, {
    Reason: 'InvalidParameters',
    Details: { InvalidParameters: { ConfigurationToken: { Problem: problem } } },
  });
}
