import { type AttributeValue, FLAG_NAMES, type FlagName, flagOf } from './catalogue.ts';
import { isExposed } from './exposure.ts';
import { keyOf } from './keys.ts';

/** The flags as AppConfig serves them: `{"show_video_tab": {"enabled": true, "percent": 10, "testers": []}}`. Attributes come with flags that are on only. */
export type ServedFlags = Readonly<Record<string, ServedFlag | undefined>>;

export interface ServedFlag {
  readonly enabled: boolean;
  readonly [attribute: string]: unknown;
}

/** `{enabled, …attributes}`; attributes only when it is on. */
export interface UserFlag {
  readonly enabled: boolean;
  readonly [attribute: string]: AttributeValue;
}

export type UserFlags = Readonly<Record<FlagName, UserFlag>>;

/**
 * The flags as one user has them. Of a flag that is on, its testers have it, and of the others `percent` per cent, the same for all flags of a
 * phase. Without a user, what everybody has. Pure, without dependencies: the app may call it as well (docs/decisions/0017-rollout.md).
 *
 * What the document leaves out is as the catalogue says: phases closed, switches at their defaults.
 */
export function flagsFor(document: ServedFlags, user?: string): UserFlags {
  return Object.fromEntries(FLAG_NAMES.map((name) => [name, flagFor(name, document[keyOf(name)], user)])) as unknown as UserFlags;
}

function flagFor(name: FlagName, served: ServedFlag | undefined, user: string | undefined): UserFlag {
  const { phase, enabled, attributes = {} } = flagOf(name);
  const isOn = served?.enabled ?? enabled;
  if (!isOn || (phase !== null && !isSeen(phase, served ?? { enabled }, user))) return { enabled: false };
  const values = Object.entries(attributes).map(([attribute, { initial }]) => [
    attribute,
    (served?.[keyOf(attribute)] as AttributeValue | undefined) ?? initial,
  ]);
  return { enabled: true, ...Object.fromEntries(values) };
}

function isSeen(phase: string, { percent, testers }: ServedFlag, user: string | undefined): boolean {
  const share = typeof percent === 'number' ? percent : 0;
  if (user === undefined) return share >= 100;
  return (Array.isArray(testers) && testers.includes(user)) || isExposed(phase, user, share);
}

/** The percentage at which a phase is open: of its flags the least; null when one of them is off. */
export function phasePercent(document: ServedFlags, phase: string): number | null {
  const percents = FLAG_NAMES.filter((name) => flagOf(name).phase === phase).map((name) => {
    const served = document[keyOf(name)];
    return served?.enabled === true && typeof served.percent === 'number' ? served.percent : null;
  });
  return percents.reduce((least, percent) => (least === null || percent === null ? null : Math.min(least, percent)), 100);
}

/** The last phase that is open to anybody: `4.2`; null before the first. */
export function currentPhase(document: ServedFlags): string | null {
  const phases = FLAG_NAMES.flatMap((name) => flagOf(name).phase ?? []);
  return phases.findLast((phase) => phasePercent(document, phase) !== null) ?? null;
}
