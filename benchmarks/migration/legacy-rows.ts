import type pg from 'pg';

/** Campaigns of one advertiser, on average. */
const CAMPAIGNS_PER_USER = 10;

const ADJECTIVES = ['달콤한', '따뜻한', '느긋한', '반짝이는', '오늘의', '주말의', '고소한', '싱그러운', '포근한', '산뜻한', '알뜰한'];
const PRODUCTS = [
  '수분크림',
  '선크림',
  '밀키트',
  '원두',
  '콜드브루',
  '텀블러',
  '캠핑의자',
  '러닝화',
  '요가매트',
  '에코백',
  '숙박권',
  '그래놀라',
  '향초',
];
const KINDS = ['체험단', '서포터즈', '리뷰어', '앰버서더', '기자단', '방문후기', '숏폼'];
const TAGS = [
  '뷰티',
  '#맛집',
  '여행',
  ' 일상',
  '패션',
  '#운동',
  '캠핑',
  '육아',
  '카페',
  '인테리어',
  '요리',
  'ootd',
  '#vlog',
  '제주',
  '서울',
  '부산',
  '협찬',
];
const SENTENCES = [
  '솔직한 후기를 약속드립니다.',
  '사진과 짧은 영상을 함께 올립니다.',
  '제품을 한 달 동안 써 보고 적습니다.',
  '모집 인원이 차면 일찍 마감될 수 있습니다.',
  '배송은 선정 뒤 사흘 안에 시작합니다.',
  '가이드라인을 꼭 확인해 주세요.',
  '처음 지원하시는 분도 환영합니다.',
];

/** Legacy ids as cuid makes them: 25 characters, in the order of time. */
function idOf(table: 'user' | 'profile' | 'campaign', number: string): string {
  const space = { user: '0', profile: '1', campaign: '2' }[table];
  return `'cm${space}' || lpad(to_hex(${number}), 10, '0') || substr(md5('${table}' || ${number}), 1, 12)`;
}

/** Fills LinkPick's empty tables with so many campaigns and their advertisers, all of which can be migrated. The same rows every time. */
export async function loadLegacyRows(client: pg.Client, campaigns: number): Promise<void> {
  const users = Math.max(10, Math.ceil(campaigns / CAMPAIGNS_PER_USER));
  await client.query('select setseed(0.42)');
  await client.query(`insert into public.users (id, email, name, type, created_at, updated_at)
    select ${idOf('user', 'n')}, 'user' || n || '@example.com', ${pick(ADJECTIVES)} || ' ' || ${pick(PRODUCTS)} || n, 'BUSINESS', made, made
    from (select n, timestamp '2022-01-01' + n * interval '1 minute' as made from generate_series(1, ${users}) n) numbered`);
  await client.query(`insert into public.profiles (id, user_id, bio, profile_image, created_at, updated_at)
    select ${idOf('profile', 'n')}, ${idOf('user', 'n')}, ${pick(SENTENCES)}, 'https://images.example.com/users/' || n || '.webp', made, made
    from (select n, timestamp '2022-01-01' + n * interval '1 minute' as made from generate_series(1, ${users}) n) numbered`);
  await client.query(`insert into public.campaigns
      (id, business_id, title, description, thumbnail_image_url, view_count, status, hashtags, budget, start_date, end_date, created_at, updated_at)
    select id, ${idOf('user', 'owner')},
      '[' || ${pick(KINDS)} || '] ' || ${pick(ADJECTIVES)} || ' ' || ${pick(PRODUCTS)} || ' ' || n % 50 + 5 || '명 모집',
      ${pick(SENTENCES)} || ' ' || ${pick(SENTENCES)} || ' ' || ${pick(SENTENCES)},
      'https://images.example.com/campaigns/' || id || '.webp',
      floor(random() ^ 4 * 250000)::int,
      ${pick(['COMPLETED', 'COMPLETED', 'ACTIVE', 'PAUSED', 'DRAFT'])},
      ${pick(TAGS)} || ', ' || ${pick(TAGS)} || ',' || ${pick(TAGS)} || case when n % 3 = 0 then ',,' || ${pick(TAGS)} else '' end,
      (n % 500) * 10000, made + interval '7 days', made + interval '37 days', made, made + interval '3 days'
    from (
      select n, ${idOf('campaign', 'n')} as id, timestamp '2022-06-01' + n * interval '1 minute' as made,
        1 + floor(random() * ${users})::int as owner
      from generate_series(1, ${campaigns}) n
    ) numbered`);
}

function pick(words: readonly string[]): string {
  return `(array[${words.map((word) => `'${word}'`).join(', ')}])[1 + floor(random() * ${words.length})::int]`;
}
