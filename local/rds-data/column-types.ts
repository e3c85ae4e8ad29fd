import type { FieldDef } from 'pg';
import { unsupportedResult } from './errors.ts';
import { type ResultType, resultTypes } from './pg-types.ts';
import type { Session } from './sessions.ts';

/** Types known by name because extensions give them no fixed id. */
const extensionTypes: ReadonlySet<string> = new Set(['vector']);

/**
 * The type of each column. Enums are looked up in the session that ran the statement: another might not see them yet.
 * @throws {AwsError} `UnsupportedResultException`, with the type's name
 */
export async function columnTypes(fields: readonly FieldDef[], session: Session): Promise<readonly ResultType[]> {
  const unknown = fields.map(({ dataTypeID }) => dataTypeID).filter((oid) => !resultTypes.has(oid));
  const looked = unknown.length === 0 ? new Map<number, ResultType>() : await lookUp(unknown, session);
  return fields.map(({ dataTypeID }) => (resultTypes.get(dataTypeID) ?? looked.get(dataTypeID)) as ResultType);
}

async function lookUp(ids: readonly number[], session: Session): Promise<ReadonlyMap<number, ResultType>> {
  const rows = await session.query<{ oid: number; typname: string; typtype: string; display: string }>(
    `select t.oid, t.typname, t.typtype, format_type(t.oid, null) as display
       from unnest($1::oid[]) with ordinality as asked (id, place) join pg_type t on t.oid = asked.id order by place`,
    [ids],
  );
  return new Map(
    rows.map(({ oid, typname, typtype, display }) => {
      if (typtype !== 'e' && !extensionTypes.has(typname)) {
        // The internal one-byte type is reported in capitals, unlike all others.
        const name = typname === 'char' ? '"CHAR"' : display;
        throw unsupportedResult(`The result contains the unsupported data type ${name}.`);
      }
      return [oid, { name: typname, decoding: 'string', isArray: false, jdbc: typtype === 'e' ? 12 : 1111, elementJdbc: 0 }];
    }),
  );
}
