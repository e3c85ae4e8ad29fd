import { z } from 'zod';

/** As the verify statement lists them: the key, what is wrong, and the columns that differ. */
const Finding = z.object({
  key: z.string(),
  outcome: z.enum(['missing', 'extra', 'different']),
  columns: z.array(z.string()).default([]),
});
export type Finding = z.output<typeof Finding>;

/** Those of the findings that have the known shape; others were written by another version. */
export function parseFindings(findings: readonly unknown[]): readonly Finding[] {
  return findings.flatMap((finding) => {
    const parsed = Finding.safeParse(finding);
    return parsed.success ? [parsed.data] : [];
  });
}
