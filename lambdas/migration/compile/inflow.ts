import type { Entity } from '../entities/entity.ts';
import { legacyRows } from './projection.ts';

/** Rows a day that came in over the last week. */
export function compileInflow(entity: Entity): string {
  const { from, conditions } = legacyRows(entity);
  return `-- inflow of ${entity.name}
select round(count(*) / 7.0, 1)::float8 as rows_per_day
from ${from}
where ${[...conditions, `l.created_at > (now() at time zone 'UTC') - interval '7 days'`, `l.created_at <= now() at time zone 'UTC'`].join(' and ')}`;
}
