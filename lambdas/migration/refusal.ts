import { sqlStateOf } from '../data-api/data-api.ts';
import type { ReasonClass } from './entities/entity.ts';

/** Why the database refused a row, as the ledger keeps it. */
export interface Refusal {
  readonly class: ReasonClass;
  readonly column?: string | undefined;
  readonly sqlState: string;
  readonly message: string;
}

const CARDINALITY_VIOLATION = '21000';

const CLASSES: Readonly<Record<string, ReasonClass>> = {
  '22001': 'TOO_LONG', // string data, right truncation
  '22021': 'UNSUPPORTED_TEXT', // character not in repertoire
  '22P05': 'UNSUPPORTED_TEXT', // untranslatable character
  '54000': 'TOO_LONG', // program limit exceeded: no index has room for the row's key
};

/** Undefined when the error is no fault of a row: only class 22 (data exception), 23 (constraint violation), a key without room and one that comes twice are. */
export function refusalOf(error: unknown): Refusal | undefined {
  const sqlState = sqlStateOf(error);
  if (
    sqlState === undefined ||
    !(/^2[23]/.test(sqlState) || hasNoRoom(error) || sqlState === CARDINALITY_VIOLATION) ||
    isRepeatedBatch(error)
  )
    return undefined;
  const byState = sqlState.startsWith('22') ? 'UNSUPPORTED_VALUE' : 'CONSTRAINT';
  return { class: CLASSES[sqlState] ?? byState, sqlState, message: withoutValues((error as Error).message) };
}

/** A key comes twice: more than one row of a joined table has it. The ledger refuses the second; `on conflict do update` would change one row twice. */
export function isProjectedTwice({ sqlState, message }: Pick<Refusal, 'sqlState' | 'message'>): boolean {
  return sqlState === CARDINALITY_VIOLATION || message.includes('migration_status_entity_type_legacy_id_key');
}

/** No index has room for the row's key: thousands of bytes that compression makes no fewer. */
export function hasNoRoom(error: unknown): boolean {
  return sqlStateOf(error) === '54000';
}

/** The statement was sent again after it had committed: its batch key is taken. */
export function isRepeatedBatch(error: unknown): boolean {
  return sqlStateOf(error) === '23505' && (error as Error).message.includes('migration_batch_pkey');
}

/** The first line names the constraint or the fault; the detail line holds the row's values, which may be personal. */
function withoutValues(message: string): string {
  return (message.split('\n')[0] ?? '').replace(/; (Position|SQLState): .*$/, '');
}
