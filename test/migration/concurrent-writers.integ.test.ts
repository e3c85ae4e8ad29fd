import { beforeEach, expect, it } from 'vitest';
import { insertCreator, insertLegacy, legacyCampaign } from '../support/legacy-rows.ts';
import { migrate } from '../support/migration.ts';
import { useMigrationDatabase } from '../support/migration-database.ts';
import { catchUpNow, expectConsistent } from './consistency.ts';

const WRITERS = 15;
/** `npm run test:writers` gives them 60 s. */
const WRITING_MS = Number(process.env.VIDEOPICK_WRITING_SECONDS ?? 8) * 1_000;
/** Replays a run of writers: `VIDEOPICK_SEED=7 npx vitest run test/migration/concurrent-writers`. */
const seed = Number(process.env.VIDEOPICK_SEED ?? 1);
const database = useMigrationDatabase();

beforeEach(async () => {
  for (let index = 0; index < 60; index++) {
    const owner = await insertCreator(database, { name: `이름${index % 7}` });
    await insertLegacy(database, 'campaigns', [legacyCampaign(owner), legacyCampaign(owner)]);
  }
});

/** Numbers in [0, 1): mulberry32. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const anyOf = (table: string, column = 'id') => `(select ${column} from public.${table} order by md5(id || $1) limit 1)`;

/** What LinkPick's application does, and what people do to it by hand. `$1` is a random text. */
const WRITES = [
  `insert into public.users (id, email, name, type) values ('w' || substr(md5($1), 1, 20), $1 || '@x', '이름' || substr(md5($1), 1, 1), (array['INFLUENCER', 'BUSINESS', 'ADMIN', 'AGENCY'])[1 + ascii(md5($1)) % 4])`,
  `insert into public.profiles (id, user_id) select substr(md5($1), 1, 20), u.id from public.users u where not exists (select from public.profiles p where p.user_id = u.id) order by md5(u.id || $1) limit 1`,
  `insert into public.business_profiles (id, user_id) select substr(md5($1), 1, 20), u.id from public.users u where not exists (select from public.business_profiles p where p.user_id = u.id) order by md5(u.id || $1) limit 1`,
  `insert into public.campaigns (id, business_id, title, status, view_count) values ('c' || substr(md5($1), 1, 20), coalesce(${anyOf('users')}, 'nobody'), $1, (array['ACTIVE', 'DRAFT', 'SOLD'])[1 + ascii(md5($1)) % 3], ascii(md5($1)) - 50)`,
  `insert into public.campaign_applications (id, campaign_id, influencer_id) select substr(md5($1), 1, 20), c.id, u.id from (select ${anyOf('campaigns')} as id) c, (select ${anyOf('users')} as id) u on conflict do nothing`,
  `insert into public.saved_campaigns (id, campaign_id, user_id) select substr(md5($1), 1, 20), c.id, u.id from (select ${anyOf('campaigns')} as id) c, (select ${anyOf('users')} as id) u on conflict do nothing`,
  `update public.users set name = '이름' || substr(md5($1), 1, 1), updated_at = now() where id = ${anyOf('users')}`,
  `update public.users set type = (array['INFLUENCER', 'BUSINESS', 'ADMIN', 'AGENCY'])[1 + ascii(md5($1)) % 4] where id = ${anyOf('users')}`,
  `update public.profiles set bio = $1 where id = ${anyOf('profiles')}`,
  `update public.business_profiles set website = $1 where id = ${anyOf('business_profiles')}`,
  `update public.campaigns set view_count = ascii(md5($1)) - 50, status = (array['ACTIVE', 'PAUSED', 'SOLD'])[1 + ascii(md5($1)) % 3] where id = ${anyOf('campaigns')}`,
  `update public.campaigns set business_id = coalesce(${anyOf('users')}, 'nobody') where id = ${anyOf('campaigns')}`,
  `update public.campaign_applications set status = (array['APPROVED', 'LOST'])[1 + ascii(md5($1)) % 2] where id = ${anyOf('campaign_applications')}`,
  `delete from public.users where id = ${anyOf('users')}`,
  `delete from public.profiles where id = ${anyOf('profiles')}`,
  `delete from public.business_profiles where id = ${anyOf('business_profiles')}`,
  `delete from public.campaigns where id = ${anyOf('campaigns')}`,
  `delete from public.campaign_applications where id = ${anyOf('campaign_applications')}`,
  `delete from public.saved_campaigns where id = ${anyOf('saved_campaigns')}`,
];

/** Refused writes (a key or a name was taken meanwhile, a reference went away, a deadlock) are the application's own business. */
const ITS_OWN_BUSINESS = new Set(['23505', '23503', '40P01']);

async function write(writer: number, endAt: number): Promise<number> {
  const next = chance(seed * 1_000 + writer);
  const client = await database.pool.connect();
  let writes = 0;
  try {
    while (Date.now() < endAt) {
      const several = next() < 0.2 ? 3 : 1;
      await client.query('begin');
      try {
        for (let index = 0; index < several; index++) {
          await client.query(WRITES[Math.floor(next() * WRITES.length)] ?? '', [`${seed}-${writer}-${writes}-${index}`]);
        }
        await client.query(next() < 0.1 ? 'rollback' : 'commit');
        writes += 1;
      } catch (error) {
        await client.query('rollback');
        if (!ITS_OWN_BUSINESS.has(String((error as { code?: string }).code))) throw error;
      }
    }
  } finally {
    client.release();
  }
  return writes;
}

it(`loses nothing of what ${WRITERS} writers do in ${WRITING_MS / 1_000} s while rows are copied and changes applied (seed ${seed})`, {
  timeout: WRITING_MS + 180_000,
}, async () => {
  database.pool.options.max = WRITERS + 5;
  await migrate(database.db, { batchRows: 7, dailyLimit: 60 }); // half of it before, so that there are rows to change
  const endAt = Date.now() + WRITING_MS;
  const writers = Array.from({ length: WRITERS }, (_, writer) => write(writer, endAt));
  const migrating = (async () => {
    for (let day = 1; Date.now() < endAt; day++) {
      await migrate(database.db, { runDate: `2027-01-${String(day % 28 || 28).padStart(2, '0')}`, batchRows: 50 });
    }
  })();
  const catchingUp = (async () => {
    while (Date.now() < endAt) await catchUpNow(database);
  })();
  const [writes] = await Promise.all([Promise.all(writers), migrating, catchingUp]);
  expect(writes.reduce((total, count) => total + count, 0)).toBeGreaterThan(200);
  expect(await falseAlarms(), 'differences seen, and checks failed, while both sides were written').toEqual([]);
  await migrate(database.db, { runDate: '2027-02-01' });
  await catchUpNow(database);
  await expectConsistent(database);
  const waiting = await database.query('select entity_type, pending::int from video_platform.migration_dashboard where pending > 0');
  expect(waiting).toEqual([]);
});

const falseAlarms = async () => [
  ...(await database.query(
    `select entity_type, missing::int, extra::int, different::int, findings from video_platform.verification_run where missing + extra + different > 0`,
  )),
  ...(await database.query('select name, value, expected from video_platform.verification_check where not passed')),
];
