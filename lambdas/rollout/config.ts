import { z } from 'zod';
import { DatabaseConfig } from '../data-api/database-config.ts';
import { ThresholdOverrides } from './phases.ts';

const appConfigId = z.string().min(1);

/** Lists and objects come as JSON. */
function json<Schema extends z.ZodType>(schema: Schema) {
  return z
    .string()
    .transform((text, { addIssue }) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        addIssue({ code: 'custom', message: 'expected JSON' });
        return z.NEVER;
      }
    })
    .pipe(schema);
}

/** The one reader of the rollout's environment; every bad key in one error, at cold start. */
export const RolloutConfig = DatabaseConfig.extend({
  APPLICATION_ID: appConfigId,
  ENVIRONMENT_ID: appConfigId,
  FLAGS_PROFILE_ID: appConfigId,
  NOTICES_PROFILE_ID: appConfigId,
  /** Between two questions how far a deployment is. */
  POLL_SECONDS: z.coerce.number().int().min(1).max(900),
  /** Thresholds of this environment, instead of the phases'. */
  THRESHOLDS: json(ThresholdOverrides),
  /** Names of the alarms that the environment is watched by. */
  ALARM_NAMES: json(z.array(z.string()).min(1)),
  HOTLINE_TOPIC_ARN: z.string().startsWith('arn:'),
});

/** What lib/ must set; the compiler checks it. */
export type RolloutEnv = Record<keyof typeof RolloutConfig.shape, string>;
