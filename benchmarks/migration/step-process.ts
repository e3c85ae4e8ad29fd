/** A process of its own for the steps, so that the stand-in's memory and work are not counted as theirs. Started by run-steps.ts. */
import { type DayRequest, runDay } from './migration-day.ts';

process.once('message', async (request: DayRequest) => {
  try {
    process.send?.({ day: await runDay(request) });
  } catch (error) {
    process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
  process.disconnect();
});
