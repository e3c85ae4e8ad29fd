import { UnsupportedApiError } from './errors.ts';

export type Properties = Readonly<Record<string, unknown>>;

export interface KnownProperties {
  /** Followed. */
  readonly understood: readonly string[];
  /** Makes no difference on a laptop: names, logs, metrics. */
  readonly noEffect?: readonly string[];
}

/** Refuses every property that is neither understood nor known to have no effect. Empty values ask for nothing. */
export function assertKnown(where: string, properties: Properties, { understood, noEffect = [] }: KnownProperties): void {
  for (const [name, value] of Object.entries(properties)) {
    if (understood.includes(name) || noEffect.includes(name) || value === undefined || value === false || value === '') continue;
    throw new UnsupportedApiError(
      `${where}.${name} = ${JSON.stringify(value)?.slice(0, 200)}`,
      `remove it, or teach it to local/apigateway (understood: ${understood.join(', ')})`,
    );
  }
}

/** @throws {UnsupportedApiError} for any other value than those listed */
export function assertOneOf(where: string, value: unknown, allowed: readonly unknown[]): void {
  if (allowed.includes(value)) return;
  throw new UnsupportedApiError(
    `${where} is ${JSON.stringify(value)}`,
    `only ${allowed.map((item) => JSON.stringify(item)).join(' and ')} run here`,
  );
}
