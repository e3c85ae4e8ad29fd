import { z } from 'zod';
import { type AttributeValue, type Constraint, FLAG_NAMES, type FlagName, flagOf } from './catalogue.ts';
import { FlagsRefusedError } from './errors.ts';
import { keyOf } from './keys.ts';

/** Longest text of an attribute. Source: AppConfig user guide, feature-flag type reference. */
const MAX_TEXT = 1_024;
export const MAX_TESTERS = 100;

/** Who sees a flag of a phase that is on. */
export const Exposure = z.strictObject({
  percent: z.number().int().min(0).max(100),
  testers: z.array(z.string().min(1).max(100)).max(MAX_TESTERS),
});
export type Exposure = z.output<typeof Exposure>;

/** A flag's state: `exposure` of the flags of phases, `attributes` by their names in capitals. */
export interface FlagState {
  readonly enabled: boolean;
  readonly exposure: Exposure | null;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}
export type FlagStates = Readonly<Record<FlagName, FlagState>>;

/** AppConfig's document for `AWS.AppConfig.FeatureFlags`: what the flags are, and the values they have. */
export interface FlagsDocument {
  readonly version: '1';
  readonly flags: Readonly<Record<string, FlagDefinition>>;
  readonly values: Readonly<Record<string, FlagValue>>;
}

interface FlagDefinition {
  readonly name: string;
  readonly description: string;
  readonly attributes?: Readonly<Record<string, { readonly description: string; readonly constraints: AttributeConstraint }>>;
}
type AttributeConstraint = Constraint & { readonly required?: boolean };

export interface FlagValue {
  readonly enabled: boolean;
  readonly [attribute: string]: AttributeValue;
}

/** Everything as before the first phase. */
export const INITIAL_STATES: FlagStates = states((name) => ({ enabled: flagOf(name).enabled }));

/** The document of some states. @throws {FlagsRefusedError} naming every value that AppConfig would refuse */
export function flagsDocument(given: FlagStates): FlagsDocument {
  const faults = FLAG_NAMES.flatMap((name) => faultsOf(name, given[name]));
  if (faults.length > 0) throw new FlagsRefusedError(faults.join('; '));
  const entries = <T>(make: (name: FlagName) => T) => Object.fromEntries(FLAG_NAMES.map((name) => [keyOf(name), make(name)]));
  return { version: '1', flags: entries(definitionOf), values: entries((name) => flagValue(given[name])) };
}

const StoredValue = z.looseObject({
  enabled: z.boolean(),
  percent: Exposure.shape.percent.optional(),
  testers: Exposure.shape.testers.optional(),
});
const StoredDocument = z.looseObject({ version: z.literal('1'), values: z.record(z.string(), StoredValue) });

/**
 * The states of a stored document, also one that AppConfig's console has written: what the service adds is passed over, a flag that is missing is as
 * the catalogue says. @throws {FlagsRefusedError} when it is no such document
 */
export function parseFlagsDocument(text: string): FlagStates {
  const parsed = StoredDocument.safeParse(parseJson(text));
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new FlagsRefusedError(`the deployed document does not fit: ${faults.join('; ')}`);
  }
  const { values } = parsed.data;
  return states((name) => values[keyOf(name)]);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new FlagsRefusedError(`the deployed document is not JSON: ${(cause as Error).message}`, { cause });
  }
}

function states(read: (name: FlagName) => { readonly [key: string]: unknown } | undefined): FlagStates {
  return Object.fromEntries(
    FLAG_NAMES.map((name) => {
      const { phase, enabled, attributes = {} } = flagOf(name);
      const value = read(name);
      // Before anybody has said so it is open to nobody but its testers.
      const { percent = 0, testers = [] } = (value ?? {}) as Partial<Exposure>;
      const state: FlagState = {
        enabled: (value?.enabled as boolean | undefined) ?? enabled,
        exposure: phase === null ? null : { percent, testers },
        attributes: Object.fromEntries(
          Object.entries(attributes).map(([attribute, { initial }]) => [
            attribute,
            (value?.[keyOf(attribute)] as AttributeValue | undefined) ?? initial,
          ]),
        ),
      };
      return [name, state];
    }),
  ) as unknown as FlagStates;
}

/** Values as AppConfig serves them to readers (`flagsFor`). */
export function servedFlags(given: FlagStates): Readonly<Record<string, FlagValue>> {
  return flagsDocument(given).values;
}

function definitionOf(name: FlagName): FlagDefinition {
  const { description, phase, attributes = {} } = flagOf(name);
  const exposure: FlagDefinition['attributes'] =
    phase === null
      ? {}
      : {
          percent: {
            description: `Per cent of users who see it, by phase ${phase} and user`,
            constraints: { type: 'number', required: true, minimum: 0, maximum: 100 },
          },
          testers: { description: 'Users who see it in any case', constraints: { type: 'array', elements: { type: 'string' } } },
        };
  const own = Object.entries(attributes).map(([attribute, { description: what, constraint }]) => [
    keyOf(attribute),
    { description: what, constraints: { ...constraint, required: true } },
  ]);
  const all = { ...exposure, ...Object.fromEntries(own) };
  return { name, description, ...(Object.keys(all).length > 0 && { attributes: all }) };
}

function flagValue({ enabled, exposure, attributes }: FlagState): FlagValue {
  const own = Object.entries(attributes).map(([attribute, value]) => [keyOf(attribute), value]);
  return { enabled, ...(exposure ?? {}), ...Object.fromEntries(own) };
}

function faultsOf(name: FlagName, { exposure, attributes }: FlagState): readonly string[] {
  const known = flagOf(name).attributes ?? {};
  const ofExposure = exposure === null ? [] : (Exposure.safeParse(exposure).error?.issues ?? []);
  return [
    ...ofExposure.map(({ path, message }) => `${name}.${path.join('.')}: ${message}`),
    ...Object.entries(known).flatMap(([attribute, { constraint }]) => {
      const fault = faultOf(constraint, attributes[attribute]);
      return fault === undefined ? [] : [`${name}.${attribute}: ${fault}`];
    }),
  ];
}

function faultOf(constraint: Constraint, value: unknown): string | undefined {
  if (constraint.type === 'number') {
    const { minimum, maximum } = constraint;
    if (typeof value === 'number' && value >= minimum && value <= maximum) return undefined;
    return `found ${JSON.stringify(value)}, expected ${minimum === maximum ? minimum : `a number from ${minimum} to ${maximum}`}`;
  }
  const { enum: allowed } = constraint.elements;
  const isElement = (element: unknown) => typeof element === 'string' && element.length <= MAX_TEXT && (allowed?.includes(element) ?? true);
  if (Array.isArray(value) && value.every(isElement)) return undefined;
  return `found ${JSON.stringify(value)}, expected a list of ${allowed === undefined ? 'texts' : allowed.join(', ')}`;
}
