/** The output of an upload's earlier attempt is being deleted, and a new attempt would write to the same place. Retried until it is gone. */
export class OutputBeingRemovedError extends Error {
  override readonly name = 'OutputBeingRemovedError';

  constructor(uploadId: string) {
    super(`the sweep is deleting what an earlier attempt of upload ${uploadId} wrote; expected nobody at it, so try again in a minute`);
  }
}
