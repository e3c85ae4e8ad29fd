import { ANY_BLANK, ANY_VISIBLE } from './blanks.ts';
import { defineEntity, derived, instant, reference, sql, text, utc } from './entity.ts';
import { user } from './user.ts';

const joins = sql`join public.profiles p on p.user_id = l.id`;
const where = sql`l.type in ('INFLUENCER', 'BUSINESS')`;

/** The profile's name without white space at its ends, else as it was given; or the user's where nothing of the profile's is seen. */
const name = `case when p.name ~ '${ANY_VISIBLE}' then btrim(p.name, E' \\t\\r\\n\\u00a0\\u3000') else l.name end`;

/** Characters of a name, and of a handle before its suffix. */
const NAME_CHARACTERS = 120;

/**
 * A handle is the name in lower case without anything that cannot be seen; a name that leaves nothing falls back to the id, and so does one that leaves more than a handle
 * takes: cut, it would be another's. Rows that become no channel, for their id or name is too long or they have no date, are set aside when they are copied: here they
 * must not keep the others from asking. `of`: further conditions over the user `l`.
 */
export const requestsOf = (users: string, ...of: readonly string[]) => `select legacy_id,
    case when char_length(visible) between 1 and ${NAME_CHARACTERS} then visible else legacy_id end as handle, created_at
  from (
    select l.id as legacy_id, lower(regexp_replace(${name}, '${ANY_BLANK}+', '', 'g')) as visible, coalesce(l.created_at, 'infinity') as created_at
    from ${users} l
    ${joins}
    where ${[where, 'char_length(l.id) <= 30', `greatest(char_length(l.name), char_length(${name})) <= ${NAME_CHARACTERS}`, ...of].join(' and ')}
    offset 0 -- computed once
  ) named`;

/** What the keys at hand ask for now, what they asked for before, and the handles that this concerns. */
const changedRequests = `with keys as (
  select key as legacy_id from jsonb_array_elements_text(:keys::jsonb) key
),
before as (
  select r.legacy_id, r.handle, r.created_at from video_platform.channel_handle_request r join keys on keys.legacy_id = r.legacy_id
),
wanted as materialized (
  ${requestsOf('public.users', 'l.id in (select legacy_id from keys)')}
),
touched as (
  select handle from (table before except table wanted) given_up
  union
  select handle from (table wanted except table before) asked_for
)`;

/** users of type INFLUENCER or BUSINESS with a profile → channels. Rules: docs/decisions/0003-channels.md */
export const channel = defineEntity({
  name: 'channel',
  after: [user],
  legacy: { table: 'users', key: 'id', alsoReads: { profiles: 'user_id' }, joins, joinedKeys: ['p.user_id'], where },
  target: { table: 'channels', key: 'id', legacyKey: 'user_id' },
  columns: {
    // RFC 9562 version 8: the bits are ours, derived from the legacy id alone, so a second migration gives the same URLs.
    id: derived(sql`overlay(overlay(md5('videopick.channel.' || l.id) placing '8' from 13) placing '8' from 17)::uuid`),
    user_id: reference(user, 'id'),
    name: text('name', name),
    handle: {
      // Twelve digits, 48 bits: of eight, a hundred thousand namesakes have a pair in common.
      value: sql`case when (
      select first.legacy_id from video_platform.channel_handle_request first
      where first.handle = handle_request.handle order by first.created_at, first.legacy_id limit 1 -- by its index, whatever the planner believes of namesakes
    ) is distinct from handle_request.legacy_id or handle_request.handle is null
    then coalesce(handle_request.handle, l.id) || '-' || substr(md5(l.id), 1, 12) else handle_request.handle end`,
      join: sql`left join video_platform.channel_handle_request handle_request on handle_request.legacy_id = l.id`,
    },
    description: text('bio', sql`p.bio`),
    avatar_url: text('profile_image', sql`p.profile_image`),
    created_at: instant('created_at'),
    updated_at: derived(utc('greatest(l.updated_at, p.updated_at)')),
  },
  lookup: {
    // A changed name comes through the change log. So does a new one, but once it is asked for here that finds nothing changed: whoever had the handle and loses it to
    // an earlier one is derived anew because of this. Whoever holds it after one chunk may lose it to a later one: pending still, but a batch that is under way may
    // have seen it. Found by a join: the planner takes the table for as empty as it is before the first rows, and would read it for each handle.
    // A request that is on record as another than is asked for now, because what makes a handle has changed since, is queued: catch-up brings it up to date, with all whom
    // it affects. Subtracted rather than joined: that is hashed or sorted whatever the planner believes of the two.
    refresh: `with chunk as materialized (
  select id, name, type, created_at from public.users where :after::text is null or id > :after::text order by id limit :limit::int
),
requests as materialized (
  ${requestsOf('chunk')}
),
asked_for as (
  insert into video_platform.channel_handle_request (legacy_id, handle, created_at)
  select legacy_id, handle, created_at from requests
  on conflict (legacy_id) do nothing
  returning legacy_id, handle, created_at
),
passed_on as (
  insert into video_platform.change_queue (entity_type, legacy_id)
  select 'channel', legacy_id
  from (
    select distinct on (r.handle) r.legacy_id, (asked_anew.created_at, asked_anew.legacy_id) < (r.created_at, r.legacy_id) as loses_it
    from video_platform.channel_handle_request r
    join (select distinct on (handle) * from asked_for order by handle, created_at, legacy_id) asked_anew on asked_anew.handle = r.handle
    order by r.handle, r.created_at, r.legacy_id
  ) holders
  where loses_it
),
asked_otherwise as (
  insert into video_platform.change_queue (entity_type, legacy_id)
  select 'channel', legacy_id
  from (
    select r.legacy_id, r.handle, r.created_at from video_platform.channel_handle_request r
    where (:after::text is null or r.legacy_id > :after::text) and r.legacy_id <= (select max(id) from chunk)
    except select legacy_id, handle, created_at from requests
  ) otherwise
  where legacy_id not in (
    select q.legacy_id from video_platform.change_queue q
    where q.entity_type = 'channel' and (:after::text is null or q.legacy_id > :after::text) and q.legacy_id <= (select max(id) from chunk))
)
select case when count(*) = :limit::int then max(id) end as next_key from chunk`,
    // Whose handle may change with these: the earliest two of every handle that is given up or asked for anew, and those of the keys themselves that ask for one.
    affectedKeys: `${changedRequests}
select legacy_id
from (
  select first_two.legacy_id
  from touched cross join lateral (
    select r.legacy_id from video_platform.channel_handle_request r
    where r.handle = touched.handle and r.legacy_id not in (select legacy_id from keys)
    order by r.handle, r.created_at, r.legacy_id limit 2
  ) first_two
  union
  select w.legacy_id from wanted w join touched on touched.handle = w.handle
) affected`,
    refreshKeys: `${changedRequests},
gone as (
  delete from video_platform.channel_handle_request r using keys
  where r.legacy_id = keys.legacy_id and not exists (select from wanted w where w.legacy_id = r.legacy_id)
)
insert into video_platform.channel_handle_request (legacy_id, handle, created_at)
select legacy_id, handle, created_at from wanted
on conflict (legacy_id) do update set handle = excluded.handle, created_at = excluded.created_at`,
  },
});
