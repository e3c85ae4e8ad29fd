/** The ledger row of the schema that tells which views are in force, and since when: what was derived before may have been derived by others. */
export const COMPILED_VIEWS = 'compiled views';
