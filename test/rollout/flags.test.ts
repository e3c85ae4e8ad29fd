import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FLAG_NAMES, FLAGS } from '../../lambdas/rollout/catalogue.ts';
import { isExposed } from '../../lambdas/rollout/exposure.ts';
import { currentPhase, flagsFor, phasePercent, type ServedFlags } from '../../lambdas/rollout/flags.ts';
import { flagsDocument, INITIAL_STATES, servedFlags } from '../../lambdas/rollout/flags-document.ts';
import { phaseOf } from '../../lambdas/rollout/phase-order.ts';
import { PHASES } from '../../lambdas/rollout/phases.ts';
import { openPhase } from '../../lambdas/rollout/plan-flags.ts';

const USERS = 10_000;
/** As served with some phases open to a percentage. */
function served(percents: Readonly<Record<string, number>>, testers: readonly string[] = []): ServedFlags {
  const request = { dryRun: false, testers: [...testers] };
  const states = Object.entries(percents).reduce(
    (flags, [id, percent]) => openPhase(flags, phaseOf(id), { phase: id, percent, ...request }),
    INITIAL_STATES,
  );
  return servedFlags(states);
}
const sees = (document: ServedFlags, user?: string) => flagsFor(document, user).SHOW_VIDEO_TAB.enabled;

/** Kinds of ids that a synthetic population, or a real one, may have. */
const POPULATIONS: Readonly<Record<string, (index: number) => string>> = {
  'user-1…': (index) => `user-${index}`,
  'user00001…': (index) => `user${String(index).padStart(5, '0')}`,
  'u_0…': (index) => `u_${index}`,
  numbers: (index) => String(index),
  'numbers from a million on': (index) => String(1_000_000 + index),
};

describe('who sees a flag that is on', () => {
  it.each(Object.keys(POPULATIONS))('is within one per cent of the share of 10,000 users, for every percentage and phase: %s', (kind) => {
    const users = Array.from({ length: USERS }, (_, index) => POPULATIONS[kind]?.(index) ?? '');
    for (const { id } of PHASES) {
      for (let percent = 0; percent <= 100; percent += 1) {
        const seen = users.filter((user) => isExposed(id, user, percent)).length;
        expect(Math.abs((100 * seen) / USERS - percent), `${id} at ${percent} %`).toBeLessThan(1);
      }
    }
  });

  it('is within what chance allows for ids without any order', () => {
    const document = served({ '4.1': 50 });
    let state = 1;
    const letter = () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return 'abcdefghijklmnopqrstuvwxyz'[state % 26] ?? 'a';
    };
    const ids = Array.from({ length: USERS }, () => Array.from({ length: 25 }, letter).join(''));
    const seen = ids.filter((id) => sees(document, id)).length;
    expect(Math.abs((100 * seen) / USERS - 50)).toBeLessThan(2); // four standard deviations
  });

  it('is the same at every call, and never loses a user as the percentage grows', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 40 }), fc.nat(100), fc.nat(100), (user, a, b) => {
        const [less, more] = [Math.min(a, b), Math.max(a, b)];
        expect(sees(served({ '4.1': less }), user)).toBe(sees(served({ '4.1': less }), user));
        if (sees(served({ '4.1': less }), user)) expect(sees(served({ '4.1': more }), user)).toBe(true);
      }),
    );
  });

  it('is nobody at 0 % and everybody at 100 %', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (user) => {
        expect(sees(served({ '4.1': 0 }), user)).toBe(false);
        expect(sees(served({ '4.1': 100 }), user)).toBe(true);
      }),
    );
  });

  it('is the same people for all flags of a phase', () => {
    const document = served({ '4.1': 30 });
    for (let index = 0; index < 500; index += 1) {
      const { SHOW_VIDEO_TAB: tab, ENABLE_VIDEO_UPLOAD: upload } = flagsFor(document, `user-${index}`);
      expect(upload.enabled).toBe(tab.enabled);
    }
  });

  it('is not the same people first in every phase', () => {
    const document = served({ '4.1': 10, '4.2': 10 });
    const first = (flag: 'SHOW_VIDEO_TAB' | 'ENABLE_CHANNELS') =>
      Array.from({ length: 1_000 }, (_, index) => `user-${index}`).filter((user) => flagsFor(document, user)[flag].enabled);
    expect(first('ENABLE_CHANNELS')).not.toEqual(first('SHOW_VIDEO_TAB'));
  });

  it('is a tester, whatever the percentage, and only of a flag that is on', () => {
    expect(sees(served({ '4.1': 0 }, ['minji']), 'minji')).toBe(true);
    expect(sees(served({ '4.1': 0 }, ['minji']), 'other')).toBe(false);
    expect(flagsFor(served({ '4.1': 0 }, ['minji']), 'minji').ENABLE_CHANNELS.enabled).toBe(false);
  });

  it('without a user is what everybody sees', () => {
    expect(sees(served({ '4.1': 99 }, ['minji']))).toBe(false);
    expect(sees(served({ '4.1': 100 }))).toBe(true);
  });
});

describe('the flags of a user', () => {
  it('are all flags, closed phases and switches at their defaults where there is no document', () => {
    expect(Object.keys(flagsFor({}, 'minji'))).toEqual(FLAG_NAMES);
    const on = Object.entries(flagsFor({}, 'minji')).flatMap(([name, { enabled }]) => (enabled ? [name] : []));
    expect(on).toEqual(['VIDEO_PROCESSING_ENABLED', 'VIDEO_ANALYTICS_ENABLED']);
  });

  it('carry their attributes by their names, and neither testers nor percentage', () => {
    const everything = served({ '4.1': 100, '4.2': 100, '4.3': 100, '4.4': 100 }, ['minji']);
    const flags = flagsFor(everything, 'minji');
    expect(flags.ENABLE_MONETIZATION).toEqual({ enabled: true, MIN_MONETIZATION_SUBSCRIBERS: 1000, AD_REVENUE_SHARE: 0.7 });
    expect(flags.SHOW_VIDEO_TAB).toEqual({ enabled: true });
    expect(flags.VIDEO_PROCESSING_ENABLED).toMatchObject({ MAX_VIDEO_SIZE_MB: 10_240, HLS_SEGMENT_DURATION: 6 });
    expect(JSON.stringify(flags)).not.toMatch(/testers|percent|minji/);
  });

  it('follow an operator’s switch for everybody at once', () => {
    const document = { ...served({}), use_legacy_routes: { enabled: true }, video_processing_enabled: { enabled: false } };
    expect(flagsFor(document)).toMatchObject({ USE_LEGACY_ROUTES: { enabled: true }, VIDEO_PROCESSING_ENABLED: { enabled: false } });
  });

  it('are closed for everybody but testers where a document says no percentage', () => {
    const document = { show_video_tab: { enabled: true, testers: ['minji'] } };
    expect([sees(document), sees(document, 'other'), sees(document, 'minji')]).toEqual([false, false, true]);
  });
});

describe('the phase', () => {
  it('is open to the least of its flags, and not at all while one is off', () => {
    expect(phasePercent(served({ '4.1': 30 }), '4.1')).toBe(30);
    expect(phasePercent({ ...served({ '4.1': 30 }), enable_video_upload: { enabled: true, percent: 5 } }, '4.1')).toBe(5);
    expect(phasePercent({ ...served({ '4.1': 30 }), enable_video_upload: { enabled: false } }, '4.1')).toBeNull();
  });

  it('is the last that is open', () => {
    expect(currentPhase({})).toBeNull();
    expect(currentPhase(served({ '4.1': 100, '4.2': 0 }))).toBe('4.2');
  });
});

it('opens exactly the plan’s flags, two in each phase', () => {
  expect(PHASES.map(({ id, weeks, flags }) => [id, weeks, flags])).toEqual([
    ['4.1', [1, 2], ['SHOW_VIDEO_TAB', 'ENABLE_VIDEO_UPLOAD']],
    ['4.2', [3, 4], ['ENABLE_VIDEO_PLAYER', 'ENABLE_CHANNELS']],
    ['4.3', [5, 6], ['ENABLE_SUBSCRIPTIONS', 'ENABLE_RECOMMENDATIONS']],
    ['4.4', [7, 8], ['ENABLE_MONETIZATION', 'DISABLE_LEGACY_CAMPAIGNS']],
  ]);
  expect(PHASES.map(({ notice }) => notice.id)).toEqual(['evolution', 'beta', 'conversion', 'conversion']);
});

it('keeps a catalogue that fits AppConfig: keys in lower case, within its limits', () => {
  const { flags, values } = flagsDocument(INITIAL_STATES);
  expect(Object.keys(flags)).toEqual(Object.keys(values));
  expect(Object.keys(flags)).toHaveLength(Object.keys(FLAGS).length);
  for (const [key, { attributes = {} }] of Object.entries(flags)) {
    for (const name of [key, ...Object.keys(attributes)]) expect(name).toMatch(/^[a-z][a-zA-Z\d_-]{0,63}$/);
    expect(Object.keys(attributes).length).toBeLessThanOrEqual(25);
  }
});
