import type { RDSDataClient } from '@aws-sdk/client-rds-data';

/** `before`: the call never reached the service. `after`: the service did it, and its answer was lost. */
export type Loss = 'before' | 'after';

/** What a killed worker leaves behind, as far as its caller sees. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
}

export interface InterruptedClient {
  readonly client: RDSDataClient;
  /** Calls sent, or lost, so far. */
  calls(): number;
}

/** A client that loses one call, counted from 0; all others pass. */
export function interrupt(client: RDSDataClient, at: number, loss: Loss = 'after'): InterruptedClient {
  let calls = 0;
  const send = async (command: Parameters<RDSDataClient['send']>[0]) => {
    const call = calls;
    calls += 1;
    if (call === at && loss === 'before') throw new InterruptedError(`call ${call} was lost before it was sent`);
    const answer = client.send(command);
    if (call !== at) return answer;
    await answer.catch(() => undefined); // a refusal is lost as any other answer
    throw new InterruptedError(`the answer of call ${call} was lost`);
  };
  return { client: { send } as unknown as RDSDataClient, calls: () => calls };
}
