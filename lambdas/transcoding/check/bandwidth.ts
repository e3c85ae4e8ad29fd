/** A segment as the network sees it. */
export interface SizedSegment {
  readonly bytes: number;
  readonly durationSeconds: number;
}

export interface Bandwidth {
  readonly averageBps: number;
  readonly peakBps: number;
}

/**
 * The average over everything, and the peak as RFC 8216 section 4.3.4.2 defines it: the highest rate of any run of segments that lasts 0.5 to
 * 1.5 target durations, so that a tiny last segment is never measured alone. A clip shorter than that is one run.
 */
export function measureBandwidth(segments: readonly SizedSegment[], targetSeconds: number): Bandwidth {
  const durationSeconds = segments.reduce((sum, segment) => sum + segment.durationSeconds, 0);
  const bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0);
  if (durationSeconds <= 0) return { averageBps: 0, peakBps: 0 };
  const averageBps = Math.ceil((bytes * 8) / durationSeconds);
  let peakBps = averageBps;
  for (let start = 0; start < segments.length; start += 1) {
    const run = { bytes: 0, durationSeconds: 0 };
    for (let at = start; at < segments.length; at += 1) {
      run.bytes += segments[at]?.bytes ?? 0;
      run.durationSeconds += segments[at]?.durationSeconds ?? 0;
      if (run.durationSeconds > 1.5 * targetSeconds) break;
      if (run.durationSeconds >= 0.5 * targetSeconds) peakBps = Math.max(peakBps, Math.ceil((run.bytes * 8) / run.durationSeconds));
    }
  }
  return { averageBps, peakBps };
}
