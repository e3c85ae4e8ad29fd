import type pg from 'pg';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';
import type { World } from './world.ts';

/** One statement on LinkPick's tables. */
export interface Write {
  readonly sql: string;
  readonly values: readonly unknown[];
}

const NAMES = ['민수', 'Min Su', 'minsu', '뷰티 채널', '', ' ', '여행', 'MINSU', '맛집\u200b', '여 행'];
const TYPES = ['INFLUENCER', 'BUSINESS', 'INFLUENCER', 'BUSINESS', 'ADMIN', 'INFLUENCER', 'GUEST', ''];
const CAMPAIGN_STATUS = ['DRAFT', 'ACTIVE', 'PAUSED', 'COMPLETED', 'ACTIVE', 'ARCHIVED', 'active'];
const APPLICATION_STATUS = ['PENDING', 'APPROVED', 'REJECTED', 'COMPLETED', 'PENDING', 'LOST'];
const VIEWS = [0, 1, 7, null, 2_147_483_647, -1, 12];
const HASHTAGS = ['뷰티, 맛집,#여행', '#뷰티,, 맛집 ,#뷰티', '', null, ',', '#'];
const DATES = [
  '2024-01-02 03:04:05.678',
  '2023-12-31 15:00:00',
  '2025-06-01',
  'infinity',
  '1999-12-31 23:59:59.999',
  '2024-01-02 03:04:05.678',
];

/** Random rows and writes over a small set of ids, so that they meet: what one writer changes, another deletes. */
export class Legacy {
  readonly #random: Random;
  readonly #users: number;
  readonly #campaigns: number;

  constructor(random: Random, { users, campaigns }: { users: number; campaigns: number }) {
    this.#random = random;
    this.#users = users;
    this.#campaigns = campaigns;
  }

  /** The rows that are there before the migration starts: most ids of the set, tens of rows. */
  initial(): readonly Write[] {
    const writes: Write[] = [];
    const some = (count: number, share: number) => Array.from({ length: count }, (_, n) => n).filter(() => this.#random.chance(share));
    for (const n of some(this.#users, 0.75)) writes.push(this.#user(n));
    for (const n of some(this.#users, 0.7)) writes.push(this.#profile(n, n));
    for (const n of some(this.#users, 0.4)) writes.push(this.#business(n, n));
    for (const n of some(this.#campaigns, 0.75)) writes.push(this.#campaign(n));
    for (const n of some(this.#campaigns, 0.6)) writes.push(this.#application(n));
    for (const n of some(this.#campaigns, 0.6)) writes.push(this.#saved(n));
    return writes;
  }

  /** What one transaction of the application does: mostly one statement, sometimes several, now and then many rows at once. */
  transaction(): readonly Write[] {
    return Array.from({ length: this.#random.pick([1, 1, 1, 2, 3]) }, () => this.#write());
  }

  /** Steps between two transactions of a writer: spread over the runs, now and then in a burst. */
  pause(): number {
    return this.#random.pick([0, this.#random.int(1, 20), this.#random.int(20, 120), this.#random.int(100, 400)]);
  }

  #write(): Write {
    const random = this.#random;
    const user = random.int(0, this.#users - 1);
    const other = random.int(0, this.#users - 1);
    const campaign = random.int(0, this.#campaigns - 1);
    const id = userId(user);
    const write = (sql: string, ...values: unknown[]): Write => ({ sql, values });
    const kinds: readonly (() => Write)[] = [
      () => this.#user(user),
      () => this.#user(user),
      () => write('update public.users set name = $2, updated_at = $3 where id = $1', id, random.pick(NAMES), random.pick(DATES)),
      () =>
        write(
          'update public.users set email = $2 where id = $1',
          id,
          this.#email(random.int(0, 1) * 50 + random.pick([user, user, other])),
        ),
      () => write('update public.users set type = $2 where id = $1', id, random.pick(TYPES)),
      () => write('update public.users set created_at = $2 where id = $1', id, random.pick(DATES)),
      () => write('delete from public.users where id = $1', id),
      () => this.#profile(user, user),
      () => write('update public.profiles set name = $2 where user_id = $1', id, random.pick([...NAMES, null])),
      () => write('update public.profiles set user_id = $2 where id = $1', profileId(user), userId(other)),
      // Of somebody who has a channel by now, to somebody who has no profile: to most others the database refuses it.
      () =>
        write(
          `update public.profiles p set user_id = u.id from (select id from public.users u
             where not exists (select from public.profiles p where p.user_id = u.id) order by id limit 1) u
             where p.id = (select min(p.id) from public.profiles p join video_platform.channels c on c.user_id = p.user_id)`,
        ),
      () => write('delete from public.profiles where id = $1', profileId(user)),
      () => this.#business(user, user),
      () => write('update public.business_profiles set company_name = $2 where user_id = $1', id, random.pick(NAMES)),
      () => write('update public.business_profiles set user_id = $2 where id = $1', businessId(user), userId(other)),
      () => write('delete from public.business_profiles where id = $1', businessId(user)),
      () => this.#campaign(campaign),
      () => this.#campaign(campaign),
      () => write('update public.campaigns set status = $2 where id = $1', campaignId(campaign), random.pick(CAMPAIGN_STATUS)),
      () => write('update public.campaigns set view_count = $2 where id = $1', campaignId(campaign), random.pick(VIEWS)),
      () => write('update public.campaigns set view_count = view_count + 1 where view_count < 1000'),
      () =>
        write('update public.campaigns set business_id = $2, hashtags = $3 where id = $1', campaignId(campaign), id, random.pick(HASHTAGS)),
      () => write('update public.campaigns set title = title || $1', '!'),
      () => write('delete from public.campaigns where id = $1', campaignId(campaign)),
      () => this.#application(campaign),
      () =>
        write(
          'update public.campaign_applications set status = $2 where campaign_id = $1',
          campaignId(campaign),
          random.pick(APPLICATION_STATUS),
        ),
      () => write('delete from public.campaign_applications where campaign_id = $1', campaignId(campaign)),
      () => this.#saved(campaign),
      () => write('update public.saved_campaigns set user_id = $2 where id = $1', savedId(campaign), id),
      () => write('delete from public.saved_campaigns where user_id = $1', id),
    ];
    return random.pick(kinds)();
  }

  #email(n: number): string {
    return n === 3 ? TAKEN_EMAIL : `user${n}@example.com`;
  }

  #user(n: number): Write {
    const random = this.#random;
    return {
      sql: `insert into public.users (id, email, name, type, created_at, updated_at) values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
      values: [userId(n), this.#email(n), random.pick(NAMES), random.pick(TYPES), random.pick(DATES), random.pick(DATES)],
    };
  }

  #profile(n: number, user: number): Write {
    return {
      sql: `insert into public.profiles (id, user_id, name, bio) select $1::text, id, $3::text, $4::text from public.users where id = $2 on conflict do nothing`,
      values: [profileId(n), userId(user), this.#random.pick([...NAMES, null]), this.#random.pick(['소개', null])],
    };
  }

  #business(n: number, user: number): Write {
    return {
      sql: `insert into public.business_profiles (id, user_id, company_name) select $1::text, id, $3::text from public.users where id = $2 on conflict do nothing`,
      values: [businessId(n), userId(user), this.#random.pick(NAMES)],
    };
  }

  #campaign(n: number): Write {
    const random = this.#random;
    const owner = random.chance(0.1) ? 'nobody' : userId(random.int(0, this.#users - 1));
    return {
      sql: `insert into public.campaigns (id, business_id, title, view_count, status, hashtags, created_at) values ($1, $2, $3, $4, $5, $6, $7)
        on conflict do nothing`,
      values: [
        campaignId(n),
        owner,
        '여름 캠페인',
        random.pick(VIEWS),
        random.pick(CAMPAIGN_STATUS),
        random.pick(HASHTAGS),
        random.pick(DATES),
      ],
    };
  }

  #application(n: number): Write {
    const random = this.#random;
    return {
      sql: `insert into public.campaign_applications (id, campaign_id, influencer_id, status)
        select $1::text, c.id, u.id, $4::text from public.campaigns c, public.users u where c.id = $2 and u.id = $3 on conflict do nothing`,
      values: [`a${key(n)}`, campaignId(n), userId(random.int(0, this.#users - 1)), random.pick(APPLICATION_STATUS)],
    };
  }

  #saved(n: number): Write {
    const random = this.#random;
    return {
      sql: `insert into public.saved_campaigns (id, user_id, campaign_id)
        select $1::text, u.id, c.id from public.campaigns c, public.users u where c.id = $2 and u.id = $3 on conflict do nothing`,
      values: [savedId(n), campaignId(random.int(0, this.#campaigns - 1)), userId(random.int(0, this.#users - 1))],
    };
  }
}

/** An address that somebody on VideoPick has: the legacy user who has it too is refused by the database, not by the projection. */
export const TAKEN_EMAIL = 'taken@example.com';
export const BORN_ON_VIDEOPICK = `insert into video_platform.users (id, email, name, user_type, origin) values ('born', '${TAKEN_EMAIL}', '선점', 'CREATOR', 'videopick')`;

/** Ids are not in the order of insertion: rows appear behind a cursor as well as before it. */
function key(n: number): string {
  return `${'hdblfkcgjaei'[n % 12]}${String(n).padStart(3, '0')}`;
}
const userId = (n: number) => `u${key(n)}`;
const profileId = (n: number) => `p${key(n)}`;
const businessId = (n: number) => `b${key(n)}`;
const campaignId = (n: number) => `c${key(n)}`;
const savedId = (n: number) => `s${key(n)}`;

/**
 * What LinkPick's users do to the rows of an entity, by entity: written while one of the engine's statements is at work on them. Spares the row of one
 * legacy key, at which that statement is held up: whoever works on the others shall not wait behind it.
 */
export const TOUCHES: Readonly<Record<string, (spared: string) => string>> = {
  user: (spared) => `update public.users set name = name || '+', updated_at = '2026-11-01' where id <> '${spared}'`,
  channel: (spared) => `update public.profiles set bio = coalesce(bio, '') || '+' where user_id <> '${spared}'`,
  channel_setting: (spared) => `update public.business_profiles set company_name = company_name || '+' where id <> '${spared}'`,
  video: (spared) => `update public.campaigns set title = title || '+' where id <> '${spared}'`,
  video_submission: (spared) =>
    `update public.campaign_applications set status = case status when 'PENDING' then 'APPROVED' else 'PENDING' end where id <> '${spared}'`,
  watch_later: (spared) =>
    `delete from public.saved_campaigns where id = (select max(id) from public.saved_campaigns where id <> '${spared}')`,
  video_analytics: (spared) =>
    `update public.campaigns set view_count = coalesce(view_count, 0) + 1 where view_count < 1000 and id <> '${spared}'`,
};

/** A user of the application: transaction after transaction, with others' calls in between. A write the database refuses is rolled back. */
export async function writeLegacy(id: string, transactions: number, legacy: Legacy, scheduler: Scheduler, world: World): Promise<void> {
  let client: pg.PoolClient | undefined;
  let ended = false;
  const query = async ({ sql, values }: Write) => {
    client ??= await world.writers.connect();
    return client.query(sql, [...values]);
  };
  try {
    for (let n = 0; n < transactions; n++) {
      await scheduler.rest(id, legacy.pause());
      const writes = legacy.transaction();
      const send = (write: Write) => scheduler.submit(id, write.sql.slice(0, 48).replaceAll('\n', ' '), () => query(write));
      try {
        const [only, ...others] = writes;
        if (only !== undefined && others.length === 0) await send(only);
        else {
          await send({ sql: 'begin', values: [] });
          for (const write of writes) await send(write);
          await send({ sql: 'commit', values: [] });
        }
      } catch {
        await send({ sql: 'rollback', values: [] });
      }
    }
    ended = true;
  } finally {
    client?.release(!ended); // a transaction may be open still: then the connection ends, and it with it
  }
}
