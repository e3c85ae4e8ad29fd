import pg from 'pg';

/** SQLSTATEs, by class, of what the server could not do whatever it was given: it lost the connection, the race for a lock, its memory, disk or files, or was told to stop. */
const OF_THE_SERVER = /^(?:08|40|53|55P03|57|58|F0|XX)/;

/**
 * Whether PostgreSQL refused what it was given, such as a definition or a row, and so says something of the source. False for a connection that broke and for a server
 * that could not go on.
 */
export function isRefusal(error: unknown): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError && !OF_THE_SERVER.test(error.code ?? '');
}
