import type { FieldDef } from 'pg';
import { oids, type ResultType } from './pg-types.ts';
import type { Session } from './sessions.ts';

interface CatalogColumn {
  readonly table_id: number;
  readonly column_id: number;
  readonly schema_name: string;
  readonly table_name: string;
  readonly not_null: boolean;
  readonly generated: boolean;
}

/** JDBC's `columnNullable…` */
const nullability = { no: 0, yes: 1, unknown: 2 } as const;
const UNBOUNDED = 2_147_483_647;

/** `columnMetadata` of an answer: what JDBC's ResultSetMetaData says of each column. */
export async function columnMetadata(fields: readonly FieldDef[], types: readonly ResultType[], session: Session): Promise<object[]> {
  const catalog = await readCatalog(fields, session);
  return fields.map((field, index) => {
    const type = types[index] as ResultType;
    const column = catalog.get(`${field.tableID}.${field.columnID}`);
    const isNumber = ['long', 'double', 'decimal'].includes(type.decoding) && !type.isArray;
    return {
      arrayBaseColumnType: type.elementJdbc,
      isAutoIncrement: column?.generated ?? false,
      isCaseSensitive: type.jdbc === 12 || type.jdbc === 1,
      isCurrency: false,
      isSigned: isNumber,
      label: field.name,
      name: field.name,
      nullable: column === undefined ? nullability.unknown : column.not_null ? nullability.no : nullability.yes,
      precision: precisionOf(field),
      scale: scaleOf(field),
      schemaName: column?.schema_name ?? '',
      tableName: column?.table_name ?? '',
      type: type.jdbc,
      typeName: type.name,
    };
  });
}

async function readCatalog(fields: readonly FieldDef[], session: Session): Promise<ReadonlyMap<string, CatalogColumn>> {
  const tables = [...new Set(fields.map(({ tableID }) => tableID))].filter((id) => id !== 0);
  if (tables.length === 0) return new Map();
  const rows = await session.query<CatalogColumn>(
    `select a.attrelid as table_id, a.attnum as column_id, n.nspname as schema_name, c.relname as table_name, a.attnotnull as not_null,
            a.attidentity <> '' or coalesce(pg_get_expr(d.adbin, d.adrelid) like 'nextval(%', false) as generated
       from pg_attribute a
       join pg_class c on c.oid = a.attrelid
       join pg_namespace n on n.oid = c.relnamespace
       left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
      where a.attrelid = any ($1::oid[]) and a.attnum > 0`,
    [tables],
  );
  return new Map(rows.map((row) => [`${row.table_id}.${row.column_id}`, row]));
}

/** Digits or characters. The numbers are those of PostgreSQL's JDBC driver. */
function precisionOf({ dataTypeID, dataTypeModifier }: FieldDef): number {
  const fixed: Record<number, number> = {
    [oids.bool]: 1,
    [oids.int2]: 5,
    [oids.int4]: 10,
    [oids.int8]: 19,
    [oids.float4]: 8,
    [oids.float8]: 17,
    [oids.date]: 13,
    [oids.time]: 15,
    [oids.timestamp]: 29,
    [oids.timestamptz]: 35,
  };
  if (dataTypeID === oids.numeric) return dataTypeModifier === -1 ? 0 : ((dataTypeModifier - 4) >> 16) & 0xffff;
  if (dataTypeID === oids.varchar || dataTypeID === oids.bpchar) return dataTypeModifier === -1 ? UNBOUNDED : dataTypeModifier - 4;
  return fixed[dataTypeID] ?? UNBOUNDED;
}

function scaleOf({ dataTypeID, dataTypeModifier }: FieldDef): number {
  if (dataTypeID === oids.numeric) return dataTypeModifier === -1 ? 0 : (dataTypeModifier - 4) & 0x7ff;
  if (dataTypeID === oids.float4) return 8;
  if (dataTypeID === oids.float8) return 17;
  if (dataTypeID === oids.time || dataTypeID === oids.timestamp || dataTypeID === oids.timestamptz) {
    return dataTypeModifier === -1 ? 6 : dataTypeModifier;
  }
  return 0;
}
