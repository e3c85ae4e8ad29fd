import type pg from 'pg';
import { isRefusal } from './refusal.ts';

/**
 * Runs a statement within the transaction at hand. False when PostgreSQL refused it and `mayFail` says so: then the transaction goes on as if it had not been sent. @throws what
 * else comes of it
 */
export async function attempt(client: pg.ClientBase, sql: string, mayFail: (error: pg.DatabaseError) => boolean): Promise<boolean> {
  await client.query('savepoint attempt');
  try {
    await client.query(sql);
  } catch (error) {
    if (!isRefusal(error) || !mayFail(error)) throw error;
    await client.query('rollback to savepoint attempt; release savepoint attempt');
    return false;
  }
  await client.query('release savepoint attempt');
  return true;
}
