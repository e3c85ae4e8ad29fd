import type { DataApi } from '../data-api/data-api.ts';
import { compileChecks, type NamedCheck } from './compile/checks.ts';
import { entities } from './entities/index.ts';

/** A named check of the whole migration, beside the row diff. */
export interface Check {
  readonly name: string;
  readonly passed: boolean;
  readonly value: string;
  readonly expected: string;
}

/** Runs the named checks of a kind side by side and keeps their results with the run. Safe to repeat: the later result counts. */
export async function runChecks(db: DataApi, runId: string, reads: NamedCheck['reads']): Promise<void> {
  await Promise.all(
    compileChecks(entities)
      .filter((check) => check.reads === reads)
      .map(({ name, sql }) =>
        db.query(
          `insert into video_platform.verification_check (run_id, name, passed, value, expected)
         select :run::uuid, :name, value = expected, value, expected from (${sql}) check_result
         on conflict (run_id, name) do update set passed = excluded.passed, value = excluded.value, expected = excluded.expected`,
          { run: runId, name },
        ),
      ),
  );
}
