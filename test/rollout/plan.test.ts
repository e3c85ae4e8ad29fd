import { describe, expect, it } from 'vitest';
import { FLAGS } from '../../lambdas/rollout/catalogue.ts';
import { FlagsRefusedError, PhaseAlreadyOnError, SkippedPhaseError, UnknownPhaseError } from '../../lambdas/rollout/errors.ts';
import { type FlagStates, flagsDocument, INITIAL_STATES, parseFlagsDocument } from '../../lambdas/rollout/flags-document.ts';
import { NOTICES } from '../../lambdas/rollout/notices.ts';
import { checkOrder, phaseOf } from '../../lambdas/rollout/phase-order.ts';
import { diffFlags, openPhase } from '../../lambdas/rollout/plan-flags.ts';
import { RolloutRequest } from '../../lambdas/rollout/request.ts';
import { planHlsJob } from '../../lambdas/transcoding/job.ts';
import { isEncodable, pickRungs } from '../../lambdas/transcoding/ladder.ts';
import { flagViolations } from '../../local/appconfig/feature-flags.ts';
import { executionArn, source, upload } from '../transcoding/uploads.ts';

const request = (phase: string, given: object = {}) => RolloutRequest.parse({ phase, ...given });
const open = (flags: FlagStates, phase: string, given: object = {}) => openPhase(flags, phaseOf(phase), request(phase, given));
const FIRST = open(INITIAL_STATES, '4.1');

describe('the flags’ document', () => {
  it('is one that AppConfig takes, at the start and with every phase open', () => {
    const everything = ['4.1', '4.2', '4.3', '4.4'].reduce((flags, phase) => open(flags, phase, { testers: ['minji'] }), INITIAL_STATES);
    for (const states of [INITIAL_STATES, FIRST, everything]) expect(flagViolations(flagsDocument(states))).toEqual([]);
  });

  it('is read back as it was, with what AppConfig’s console adds passed over', () => {
    const stored = JSON.parse(JSON.stringify(flagsDocument(FIRST)));
    stored.values.show_video_tab._updatedAt = '2026-11-23T00:00:00Z';
    stored.flags.show_video_tab._createdAt = '2026-11-23T00:00:00Z';
    expect(parseFlagsDocument(JSON.stringify(stored))).toEqual(FIRST);
  });

  it('keeps what an operator has set by hand', () => {
    const stored = JSON.parse(JSON.stringify(flagsDocument(INITIAL_STATES)));
    stored.values.video_processing_enabled.max_video_size_mb = 2_048;
    stored.values.use_legacy_routes.enabled = true;
    const { values } = flagsDocument(open(parseFlagsDocument(JSON.stringify(stored)), '4.1'));
    expect(values.video_processing_enabled).toMatchObject({ max_video_size_mb: 2_048 });
    expect(values.use_legacy_routes).toMatchObject({ enabled: true });
  });

  it.each([
    ['not JSON', '{"version"', 'not JSON'],
    ['another version', JSON.stringify({ version: '2', values: {} }), 'version'],
    ['a percentage above 100', JSON.stringify({ version: '1', values: { show_video_tab: { enabled: true, percent: 101 } } }), 'percent'],
    ['a flag without its switch', JSON.stringify({ version: '1', values: { show_video_tab: {} } }), 'show_video_tab.enabled'],
  ])('is refused by name when it is %s', (_, text, field) => {
    expect(() => parseFlagsDocument(text)).toThrow(FlagsRefusedError);
    expect(() => parseFlagsDocument(text)).toThrow(field);
  });

  it.each([
    ['AD_REVENUE_SHARE', 'ENABLE_MONETIZATION', 1.5],
    ['ALLOWED_VIDEO_FORMATS', 'VIDEO_PROCESSING_ENABLED', ['exe']],
    ['MAX_VIDEO_SIZE_MB', 'VIDEO_PROCESSING_ENABLED', 'big'],
    ['HLS_SEGMENT_DURATION', 'VIDEO_PROCESSING_ENABLED', 4],
  ] as const)('is not made with a bad %s, and the refusal names it', (attribute, flag, value) => {
    const broken = {
      ...INITIAL_STATES,
      [flag]: { ...INITIAL_STATES[flag], attributes: { ...INITIAL_STATES[flag].attributes, [attribute]: value } },
    };
    expect(() => flagsDocument(broken as FlagStates)).toThrow(`${flag}.${attribute}`);
  });
});

it('admits no other duration of a segment than the encoder’s, nor does AppConfig', () => {
  const facts = source();
  const job = planHlsJob({
    upload: upload(),
    executionArn: executionArn(),
    source: facts,
    rungs: pickRungs(facts.picture).filter(isEncodable),
  });
  const encoded = job.settings.OutputGroups?.flatMap(
    ({ OutputGroupSettings }) => OutputGroupSettings?.HlsGroupSettings?.SegmentLength ?? [],
  );
  const { constraint, initial } = FLAGS.VIDEO_PROCESSING_ENABLED.attributes.HLS_SEGMENT_DURATION;
  expect(new Set(encoded)).toEqual(new Set([initial]));
  expect(constraint).toEqual({ type: 'number', minimum: initial, maximum: initial });
  const changed = JSON.parse(JSON.stringify(flagsDocument(INITIAL_STATES)));
  changed.values.video_processing_enabled.hls_segment_duration = 4;
  expect(flagViolations(changed)).toHaveLength(1);
});

describe('opening a phase', () => {
  it('changes its flags alone, and says which', () => {
    expect(diffFlags(INITIAL_STATES, open(INITIAL_STATES, '4.1', { percent: 10 }))).toEqual(
      ['SHOW_VIDEO_TAB', 'ENABLE_VIDEO_UPLOAD'].map((flag) => ({
        flag,
        before: { enabled: false, exposure: { percent: 0, testers: [] }, attributes: {} },
        after: { enabled: true, exposure: { percent: 10, testers: [] }, attributes: {} },
      })),
    );
  });

  it('keeps the testers unless others are named', () => {
    const tested = open(INITIAL_STATES, '4.1', { percent: 0, testers: ['minji'] });
    expect(open(tested, '4.1').SHOW_VIDEO_TAB.exposure).toEqual({ percent: 100, testers: ['minji'] });
    expect(open(tested, '4.1', { testers: [] }).SHOW_VIDEO_TAB.exposure?.testers).toEqual([]);
  });
});

describe('the order of phases', () => {
  const check = (phase: string, flags: FlagStates, given: object = {}, noticeId: string | null = NOTICES.evolution.id) =>
    checkOrder(phaseOf(phase), request(phase, given), { flags, noticeId });

  it('knows no other phases than the plan’s', () => {
    for (const phase of ['5.1', '', '4', 'constructor']) expect(() => phaseOf(phase)).toThrow(UnknownPhaseError);
  });

  it('lets none be skipped, and none begin before the one before is open to everybody', () => {
    expect(() => check('4.2', INITIAL_STATES)).toThrow(SkippedPhaseError);
    expect(() => check('4.3', FIRST)).toThrow('phase 4.2, which is off');
    expect(() => check('4.2', open(INITIAL_STATES, '4.1', { percent: 50 }))).toThrow('open to 50 %');
    expect(() => check('4.2', FIRST)).not.toThrow();
  });

  it('lets a phase be widened, and refuses one that is on or would be narrowed', () => {
    const half = open(INITIAL_STATES, '4.1', { percent: 50 });
    expect(() => check('4.1', half, { percent: 51 })).not.toThrow();
    expect(() => check('4.1', half, { percent: 50 })).toThrow(PhaseAlreadyOnError);
    expect(() => check('4.1', half, { percent: 10 })).toThrow(PhaseAlreadyOnError);
    expect(() => check('4.1', FIRST)).toThrow(PhaseAlreadyOnError);
  });

  it('names what takes a phase back, since no rollout does', () => {
    expect(() => check('4.1', FIRST, { percent: 50 })).toThrow(/take it back by hand \(docs\/runbook\.md#take-a-phase-back\)$/);
  });

  it('lets a phase be asked for again where testers differ, or where its notice is owed', () => {
    expect(() => check('4.1', FIRST, { testers: ['minji'] })).not.toThrow();
    expect(() => check('4.1', FIRST, { testers: [] })).toThrow(PhaseAlreadyOnError);
    const twice = open(INITIAL_STATES, '4.1', { testers: ['minji', 'minji'] });
    expect(() => check('4.1', twice, { testers: ['minji', 'suho'] })).not.toThrow();
    expect(() => check('4.1', twice, { testers: ['minji'] })).toThrow(PhaseAlreadyOnError);
    expect(() => check('4.1', FIRST, {}, null)).not.toThrow();
    expect(() => check('4.1', open(FIRST, '4.2'), {}, NOTICES.beta.id)).toThrow(PhaseAlreadyOnError);
  });
});

it.each([
  { percent: -1 },
  { percent: 101 },
  { percent: 1.5 },
  { percent: '10' },
  { testers: [''] },
  { testers: Array.from({ length: 101 }, String) },
  { dryRun: 'yes' },
  { dryrun: true },
  { phase: 4.1 },
  { phase: undefined },
])('refuses %j as input', (given) => {
  expect(RolloutRequest.safeParse({ phase: '4.1', ...given }).success).toBe(false);
});
