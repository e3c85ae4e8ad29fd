import { z } from 'zod';
import type { Sample } from './metric.ts';

/** Embedded metric format, as CloudWatch Logs extracts metrics from a line. Source: its specification, version 0. */
const Line = z.looseObject({
  _aws: z.object({
    Timestamp: z.number(),
    CloudWatchMetrics: z.array(
      z.object({
        Namespace: z.string().min(1),
        Dimensions: z.array(z.array(z.string())),
        Metrics: z.array(z.object({ Name: z.string().min(1) })),
      }),
    ),
  }),
});

/** The samples in a line that a function wrote: one per metric and set of dimensions; none in a line that is no embedded metric. */
export function embeddedMetrics(line: string): readonly Sample[] {
  // Most lines are none, and parsing each would cost more than the rest of the log.
  if (!line.includes('"CloudWatchMetrics"')) return [];
  const parsed = Line.safeParse(parseJson(line));
  if (!parsed.success) return [];
  const { _aws: directive, ...members } = parsed.data;
  return directive.CloudWatchMetrics.flatMap(({ Namespace: namespace, Dimensions, Metrics }) =>
    // A metric without any set of dimensions is one without dimensions.
    (Dimensions.length === 0 ? [[]] : Dimensions).flatMap((names) => {
      const dimensions = Object.fromEntries(names.map((name) => [name, String(members[name])]));
      return Metrics.map(({ Name: name }) => ({
        namespace,
        name,
        dimensions,
        atMs: directive.Timestamp,
        values: [members[name]]
          .flat()
          .filter(Number.isFinite)
          .map((value) => [value as number, 1] as const),
      }));
    }),
  ).filter(({ values }) => values.length > 0);
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // a line of text that happens to speak of metrics
  }
}
