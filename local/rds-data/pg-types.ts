/** PostgreSQL's fixed type ids. Source: src/include/catalog/pg_type.dat. */
export const oids = {
  bool: 16,
  bytea: 17,
  name: 19,
  int8: 20,
  int2: 21,
  int4: 23,
  text: 25,
  json: 114,
  cidr: 650,
  float4: 700,
  float8: 701,
  inet: 869,
  bpchar: 1042,
  varchar: 1043,
  date: 1082,
  time: 1083,
  timestamp: 1114,
  timestamptz: 1184,
  numeric: 1700,
  uuid: 2950,
  jsonb: 3802,
} as const;

/** How a value of a type is put into a field. */
export type Decoding = 'long' | 'decimal' | 'double' | 'boolean' | 'string' | 'timestamptz' | 'blob';

export interface ResultType {
  /** PostgreSQL's internal name, `_int4` for an array: what `typeName` in the metadata says. */
  readonly name: string;
  readonly decoding: Decoding;
  readonly isArray: boolean;
  /** JDBC's type code (java.sql.Types). */
  readonly jdbc: number;
  /** The JDBC code of an array's elements; 0 when it is none. */
  readonly elementJdbc: number;
}

const JDBC_ARRAY = 2003;

/** Supported result types: name, id, decoding, JDBC code, id of the array type where arrays of it are supported too. */
const table = [
  ['bool', oids.bool, 'boolean', -7, 1000],
  ['bytea', oids.bytea, 'blob', -2, undefined],
  ['name', oids.name, 'string', 12, 1003],
  ['int8', oids.int8, 'long', -5, 1016],
  ['int2', oids.int2, 'long', 5, 1005],
  ['int4', oids.int4, 'long', 4, 1007],
  ['text', oids.text, 'string', 12, 1009],
  ['json', oids.json, 'string', 1111, 199],
  ['cidr', oids.cidr, 'string', 1111, undefined],
  ['float4', oids.float4, 'double', 7, 1021],
  ['float8', oids.float8, 'double', 8, 1022],
  ['inet', oids.inet, 'string', 1111, undefined],
  ['bpchar', oids.bpchar, 'string', 1, 1014],
  ['varchar', oids.varchar, 'string', 12, 1015],
  ['date', oids.date, 'string', 91, 1182],
  ['time', oids.time, 'string', 92, 1183],
  ['timestamp', oids.timestamp, 'string', 93, 1115],
  ['timestamptz', oids.timestamptz, 'timestamptz', 93, undefined],
  ['numeric', oids.numeric, 'decimal', 2, 1231],
  ['uuid', oids.uuid, 'string', 1111, undefined],
  ['jsonb', oids.jsonb, 'string', 1111, undefined],
] as const;

/** By type id. A type that is not here is looked up in the catalog (enums), or refused. */
export const resultTypes: ReadonlyMap<number, ResultType> = new Map(
  table.flatMap(([name, oid, decoding, jdbc, arrayOid]) => {
    const scalar: [number, ResultType] = [oid, { name, decoding, isArray: false, jdbc, elementJdbc: 0 }];
    if (arrayOid === undefined) return [scalar];
    return [scalar, [arrayOid, { name: `_${name}`, decoding, isArray: true, jdbc: JDBC_ARRAY, elementJdbc: jdbc }] as typeof scalar];
  }),
);
