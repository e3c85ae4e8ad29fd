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

/** This run was taken over or closed while a step of it was still at work. Never retried: the run that took over goes on. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
  constructor(runId: string) {
    super(`run ${runId} is no longer the running one (taken over or closed), so this step stopped; nothing was changed by its last batch`);
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
