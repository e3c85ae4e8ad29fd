/**
 * Starts something and waits for it. Its end is handed to `cleanups` before it has started: clean-ups that run meanwhile wait for it and end it, so that
 * nothing starts behind their back, and what they have ended is given to nobody.
 * @throws the signal's reason when it was aborted before or meanwhile
 */
export async function handOver<T>(
  { cleanups, signal }: { cleanups: AsyncDisposableStack; signal: AbortSignal },
  start: () => Promise<T>,
  end: (started: T) => void | Promise<void>,
): Promise<T> {
  signal.throwIfAborted();
  const starting = start();
  cleanups.defer(async () => {
    const [outcome] = await Promise.allSettled([starting]);
    // What did not start has nothing to end, and its caller is told why.
    if (outcome.status === 'fulfilled') await end(outcome.value);
  });
  const started = await starting;
  signal.throwIfAborted();
  return started;
}
