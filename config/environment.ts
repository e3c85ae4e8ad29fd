import { z } from 'zod';
import { Settings } from '../lambdas/migration/settings.ts';
import { PHASES, ThresholdOverrides } from '../lambdas/rollout/phases.ts';
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

const DomainName = z.string().regex(/^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/);
/** A path of pages; a `*` at the end stands for whatever follows. */
const PagePath = z.string().regex(/^\/[A-Za-z0-9/_.-]*\*?$/);

/** How viewers reach it. Rules and their reasons: docs/decisions/0018-delivery.md */
const Delivery = z
  .strictObject({
    /** Names of the distribution, the first the one that old domains lead to. Without them it has CloudFront's own name and certificate. */
    domains: z.array(DomainName).default([]),
    /** For `domains` and `oldDomains`; CloudFront takes certificates of us-east-1 alone. */
    certificateArn: z
      .string()
      .regex(/^arn:aws:acm:us-east-1:\d{12}:certificate\/.+$/)
      .optional(),
    /** LinkPick's names once they point here: pages are redirected, media is served. */
    oldDomains: z.array(DomainName).default([]),
    /** LinkPick's site as it can be reached beside the distribution, and the paths that are its own. */
    legacy: z.strictObject({ origin: DomainName, paths: z.array(PagePath).min(1) }).optional(),
    /** Origins of the app's pages, which read the API and private media with their cookies. The distribution's own pages need none. */
    appOrigins: z.array(z.string().regex(/^https:\/\/[^/]+$/)).default([]),
    /** Public halves of the keys that cookies for private videos are signed with. The first signs; the others are still trusted. */
    signingKeys: z
      .array(
        z.strictObject({ name: z.string().regex(/^[a-z0-9-]{1,32}$/), publicKeyPem: z.string().startsWith('-----BEGIN PUBLIC KEY-----') }),
      )
      .min(1)
      .max(5),
  })
  .refine(
    ({ domains, certificateArn }) => domains.length > 0 === (certificateArn !== undefined),
    'domains need a certificateArn, and it needs domains',
  )
  .refine(({ domains, oldDomains }) => domains.length > 0 || oldDomains.length === 0, 'oldDomains have no domain to lead to; add domains')
  .refine(
    ({ domains, oldDomains, legacy }) => legacy === undefined || ![...domains, ...oldDomains].includes(legacy.origin),
    'legacy.origin is a name of the distribution itself: a request would go round in a circle',
  );

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
    /** Whether the nightly run starts by itself. Catch-up does in every environment: it has nothing to do before the first run. */
    scheduled: z.boolean(),
  }),
  transcoding: z.strictObject({ settings: initial(TranscodingSettings) }),
  rollout: z.strictObject({
    /** In which flags reach 100 % of their readers; AppConfig's limits. */
    deploymentMinutes: z.number().int().min(0).max(1_440),
    stepPercent: z.number().min(1).max(100),
    /** In which the alarms are watched after that. */
    bakeMinutes: z.number().int().min(0).max(1_440),
    /** Thresholds of gates that are not the phases'. */
    thresholds: ThresholdOverrides,
    /** Phases that begin by themselves, if their gates allow; wall clock of Seoul. */
    scheduled: z.array(
      z.strictObject({
        phase: z.enum(PHASES.map(({ id }) => id)),
        at: z.iso
          .datetime({ local: true, precision: 0 })
          .refine((at) => !at.endsWith('Z'), 'expected a time in Seoul like 2026-11-23T10:00:00'),
        percent: z.number().int().min(0).max(100).default(100),
      }),
    ),
  }),
  delivery: Delivery,
  /** IPv4 networks that may open the console, in CIDR notation. Nobody else can. */
  operatorNetworks: z.array(z.cidrv4()).min(1),
  /** Origins of the pages that send parts of uploads to the bucket; one `*` each. The distribution's domain, where it has one. */
  uploadOrigins: z.array(z.string().regex(/^https?:\/\/[^/]+$/)).min(1),
});

export type Environment = z.output<typeof EnvironmentSchema>;
