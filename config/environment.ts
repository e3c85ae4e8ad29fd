import { z } from 'zod';
import { Settings } from '../lambdas/migration/settings.ts';
import { TranscodingSettings } from '../lambdas/transcoding/settings.ts';

/**
 * The first version of a settings profile. Kept as written: what is left out takes the schema's default when it is read, so a new default never
 * changes what is deployed.
 */
function initial<Schema extends z.ZodType>(schema: Schema) {
  return z.custom<z.input<Schema>>().check(({ value, issues }) => {
    for (const { path, message } of schema.safeParse(value).error?.issues ?? [])
      issues.push({ code: 'custom', input: value, path, message });
  });
}

/** What differs between environments. Defaults are stated here, once. */
export const EnvironmentSchema = z.strictObject({
  name: z.enum(['dev', 'staging', 'prod']),
  region: z.string().regex(/^[a-z]{2}-[a-z]+-\d$/),
  /** Two or more, named so that synth makes no look-up. */
  availabilityZones: z.array(z.string()).min(2),
  /** Whether data outlives the stacks: deletion protection, retained buckets, snapshots. */
  keepData: z.boolean(),
  database: z
    .strictObject({
      name: z.string().regex(/^[a-z][a-z0-9_]{0,62}$/),
      /** Aurora capacity units, half an ACU a step; 0 lets the cluster pause. */
      minCapacityAcu: z.number().min(0).max(256).multipleOf(0.5),
      maxCapacityAcu: z.number().min(1).max(256).multipleOf(0.5),
      backupDays: z.number().int().min(1).max(35),
    })
    .refine(({ minCapacityAcu, maxCapacityAcu }) => minCapacityAcu <= maxCapacityAcu, 'minCapacityAcu is above maxCapacityAcu'),
  migration: z.strictObject({
    settings: initial(Settings),
    /** Whether the daily schedule is on. */
    scheduled: z.boolean(),
  }),
  transcoding: z.strictObject({ settings: initial(TranscodingSettings) }),
  /** IPv4 networks that may open the console, in CIDR notation. Nobody else can. */
  operatorNetworks: z.array(z.cidrv4()).min(1),
  /** Origins of the pages that send parts of uploads to the bucket; one `*` each. The distribution's domain, where it has one. */
  uploadOrigins: z.array(z.string().regex(/^https?:\/\/[^/]+$/)).min(1),
});

export type Environment = z.output<typeof EnvironmentSchema>;
