import { z } from 'zod';
import { FLAG_NAMES, type FlagName, flagOf } from './catalogue.ts';
import { NOTICES, Notice } from './notices.ts';

/** What must hold before a phase may begin. The alarms must be quiet before each. */
const Thresholds = z.strictObject({
  /** Of the last verification, which must be clean. */
  verificationMaxAgeHours: z.number().positive(),
  /** Rows in quarantine, of all legacy rows. */
  maxQuarantinePercent: z.number().min(0).max(100),
  /** Age of the oldest legacy change that is not applied yet. */
  maxLagSeconds: z.number().min(0),
  /** Since the phase before was opened to everybody; 0 where there is none. */
  minPreviousPhaseDays: z.number().min(0),
  /** Videos that became ready, a day over the last week. */
  minUploadsPerDay: z.number().min(0),
});
export type Thresholds = z.output<typeof Thresholds>;

/** Thresholds that an environment has instead of the phases'. */
export const ThresholdOverrides = Thresholds.partial();
export type ThresholdOverrides = z.output<typeof ThresholdOverrides>;

const Phase = z.strictObject({
  id: z.string().regex(/^4\.\d$/),
  /** Of the plan, for people: nothing is started by them. */
  weeks: z.tuple([z.number().int().positive(), z.number().int().positive()]),
  flags: z.array(z.enum(FLAG_NAMES as [FlagName, ...FlagName[]])).min(1),
  gates: Thresholds,
  /** What users read from then on. */
  notice: Notice,
});
export type Phase = z.output<typeof Phase>;

const Phases = z
  .array(Phase)
  .min(1)
  .refine((phases) => new Set(phases.map(({ id }) => id)).size === phases.length, 'two phases have the same id')
  .refine(
    (phases) => phases.every(({ id, flags }) => flags.every((flag) => flagOf(flag).phase === id)),
    'a flag is opened by a phase that the catalogue does not name for it (catalogue.ts)',
  );

const always = { verificationMaxAgeHours: 36, maxQuarantinePercent: 1, maxLagSeconds: 900 };

/** The platform's opening, in order. Parsed at synth and wherever it is used, by the same schema. */
export const PHASES: readonly Phase[] = Phases.parse([
  {
    id: '4.1',
    weeks: [1, 2],
    flags: flagsOf('4.1'),
    gates: { ...always, minPreviousPhaseDays: 0, minUploadsPerDay: 0 },
    notice: NOTICES.evolution,
  },
  {
    id: '4.2',
    weeks: [3, 4],
    flags: flagsOf('4.2'),
    gates: { ...always, minPreviousPhaseDays: 14, minUploadsPerDay: 10 },
    notice: NOTICES.beta,
  },
  {
    id: '4.3',
    weeks: [5, 6],
    flags: flagsOf('4.3'),
    gates: { ...always, minPreviousPhaseDays: 14, minUploadsPerDay: 50 },
    notice: NOTICES.conversion,
  },
  {
    id: '4.4',
    weeks: [7, 8],
    flags: flagsOf('4.4'),
    gates: { ...always, minPreviousPhaseDays: 14, minUploadsPerDay: 100 },
    // The plan has three messages for four phases; what 4.3 says holds until campaigns are converted.
    notice: NOTICES.conversion,
  },
] satisfies z.input<typeof Phase>[]);

function flagsOf(phase: string): FlagName[] {
  return FLAG_NAMES.filter((name) => flagOf(name).phase === phase);
}

/** The phase before; undefined for the first. */
export function previousPhase(id: string): Phase | undefined {
  const index = PHASES.findIndex((phase) => phase.id === id);
  return PHASES[index - 1];
}
