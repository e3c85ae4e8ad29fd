import type { Pause } from './pause.ts';

/** Another execution of daily-migration is at work. Expected when a schedule fires twice; nothing was changed. */
export class RunInProgressError extends Error {
  override readonly name = 'RunInProgressError';
  constructor(runId: string, executionArn: string) {
    super(
      `run ${runId} of execution ${executionArn} is still at work and only one run may be; wait for it, or stop that execution: ` +
        'the next run takes over from one that has ended',
    );
  }
}

/** The execution has opened and closed its run already. Never retried: start a new execution. */
export class RunClosedError extends Error {
  override readonly name = 'RunClosedError';
  constructor(executionArn: string) {
    super(`execution ${executionArn} has had its run, which is closed; start a new execution for another`);
  }
}

/** This run was taken over or closed while a step of it was still at work. Never retried: the run that took over goes on. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
  constructor(runId: string) {
    super(`run ${runId} is no longer the running one (taken over or closed), so this step stopped; nothing was changed by its last batch`);
  }
}

/** A cursor, or the quota of the run's date, was removed while the run is at work. The step is tried again and goes on with what is there; the next run cuts ranges anew. */
export class CursorGoneError extends Error {
  override readonly name = 'CursorGoneError';
  constructor(runId: string, entity: string, rangeNo: number) {
    super(
      `range ${rangeNo} of ${entity} has no row in migration_cursor, or its date none in migration_quota, although run ${runId} is at work: somebody removed it; ` +
        'nothing was changed by the last batch, rows of the range stay pending, and the next run cuts the ranges anew',
    );
  }
}

/** A cancel was asked for while no run is at work. Never retried, and nothing was noted: kept, the cancel would end the next run. */
export class NoRunToCancelError extends Error {
  override readonly name = 'NoRunToCancelError';
  constructor() {
    super(
      'found no run at work, expected one to cancel; nothing was noted, since a cancel that is kept would end the next run: ' +
        'to keep the next run from copying, ask for {"action":"pause"}, which holds until {"action":"resume"}',
    );
  }
}

/** The compiled views are not there, so nothing can be projected. Never retried: a person loads LinkPick and applies the schema. */
export class SchemaNotReadyError extends Error {
  override readonly name = 'SchemaNotReadyError';
  constructor() {
    super(
      'the views of video_platform are not there: LinkPick was not loaded when the schema was applied; ' +
        'load its tables into schema public, then invoke the function apply-schema',
    );
  }
}

/** What was stored is not what was projected: the batch was undone. Never retried: a trigger or a rule on the target table changes rows. */
export class FingerprintMismatchError extends Error {
  override readonly name = 'FingerprintMismatchError';
  constructor(runId: string, options?: ErrorOptions) {
    super(
      `run ${runId} copied a batch whose stored rows differ from the projected ones, so it was undone; ` +
        'look for triggers or rules on the target table of video_platform that change what is written',
      options,
    );
  }
}

/** The triggers are installed but a probe row's change did not reach the log. Never retried: nothing may be copied without capture. */
export class CaptureNotWorkingError extends Error {
  override readonly name = 'CaptureNotWorkingError';
  constructor(tables: readonly string[], remedy: string) {
    super(`changes of ${tables.join(', ')} do not reach video_platform.change_log although the triggers are there and enabled: ${remedy}`);
  }
}

/** The deployed settings do not fit, or AppConfig is away: a run does not open. Never retried: a person deploys a document that fits. */
export class SettingsRefusedError extends Error {
  override readonly name = 'SettingsRefusedError';
  constructor(problem: string) {
    super(
      `the run was not opened because its settings cannot be read: ${problem}; the last good settings stay in force for what is at work`,
    );
  }
}

/**
 * Catch-up holds changes back: an entity has more rows in quarantine than its budget allows. Everything else was applied. Not retried: what mends it is a change of the
 * legacy rows, of the mapping or of the settings (docs/runbook.md#quarantinebudgeterror).
 */
export class QuarantineBudgetError extends Error {
  override readonly name = 'QuarantineBudgetError';
  readonly held: readonly Pause[];
  constructor(held: readonly Pause[]) {
    const budgets = held.map(({ reason, value, threshold }) => `${reason}: ${value} rows, budget ${threshold}`);
    super(
      `changes of entities that are over their quarantine budget stay in the queue (${budgets.join('; ')}); mend the legacy rows or the mapping, or raise ` +
        '"budgets" in the settings: rows in quarantine are still tried when they change, and once the budget is kept the held changes follow by themselves',
    );
    this.held = held;
  }
}
