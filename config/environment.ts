import { z } from 'zod';

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
    /** Rows completed per calendar day in Asia/Seoul. */
    dailyLimit: z.number().int().min(1),
    /** Rows a copy statement takes. */
    batchRows: z.number().int().min(1).max(50_000),
    /** Whether the daily schedule is on. */
    scheduled: z.boolean(),
  }),
  /** IPv4 networks that may open the console, in CIDR notation. Nobody else can. */
  operatorNetworks: z.array(z.cidrv4()).min(1),
});

export type Environment = z.output<typeof EnvironmentSchema>;
