import { UnsupportedDistributionError } from './errors.ts';

export type Properties = Readonly<Record<string, unknown>>;

export interface KnownKeys {
  /** Followed. */
  readonly understood: readonly string[];
  /** Makes no difference on a laptop: certificates, prices, protocols, logs, caching. */
  readonly noEffect?: readonly string[];
}

/** Refuses every key of `properties` that is neither understood nor known to have no effect. Empty values ask for nothing. */
export function assertKnownKeys(where: string, properties: Properties, { understood, noEffect = [] }: KnownKeys): void {
  for (const [key, value] of Object.entries(properties)) {
    if (understood.includes(key) || noEffect.includes(key) || asksForNothing(value)) continue;
    throw new UnsupportedDistributionError(
      `${where}.${key} = ${JSON.stringify(value)?.slice(0, 200)}`,
      `remove it, or teach it to local/cloudfront (understood: ${understood.join(', ')})`,
    );
  }
}

export function asProperties(where: string, value: unknown): Properties {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Properties;
  throw new UnsupportedDistributionError(
    `${where} is ${JSON.stringify(value)}`,
    'an object was expected; has every reference been resolved?',
  );
}

export function asString(where: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new UnsupportedDistributionError(`${where} is ${JSON.stringify(value)}`, 'a text was expected; has every reference been resolved?');
}

/** CloudFormation has booleans and numbers as text, too. */
export function asBoolean(value: unknown): boolean {
  return value === true || value === 'true';
}

/** A list, or CloudFront's `{ Quantity, Items }` around one. Missing means empty. */
export function asList(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (typeof value === 'object' && value !== null && 'Items' in value && Array.isArray(value.Items)) return value.Items;
  return [];
}

function asksForNothing(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === false || value === 'false') return true;
  return Array.isArray(value) && value.length === 0;
}
