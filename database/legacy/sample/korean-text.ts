import type { Random } from './random.ts';

const SURNAMES = [...'김이박최정강조윤장임한오서신권황안송류홍전고문양손배백허남심'];
const SYLLABLES = [...'가나다라서도민지하은윤예수아준우현유진채원시연소율재호건태성린나경빈솔담슬온결찬혁'];

const ADJECTIVES =
  words(`달콤한 따뜻한 느긋한 반짝이는 오늘의 주말의 작은 푸른 고소한 새벽의 동네 게으른 부지런한 조용한 활기찬 솔직한 싱그러운
  포근한 산뜻한 알뜰한 명랑한 다정한 엉뚱한 하얀 초록 보랏빛 바삭한 촉촉한 느린 빠른 즐거운 수줍은 용감한 맑은 깊은 둥근`);
const NOUNS =
  words(`고양이 강아지 식탁 부엌 골목 바다 숲 우산 구름 달빛 별빛 책방 커피 찻집 빵집 여행 산책 캠핑 정원 화분 옷장 거울 향기 리본 기차 자전거 등산
  운동 요가 일기 사진 필름 연필 노트 게임 조립 공방 도시락 국수 떡볶이 과일 샐러드 디저트 마을 지도 나침반 돛단배`);
const CHANNEL_ENDINGS = words(
  'TV 일기 로그 노트 살롱 연구소 채널 스튜디오 하우스 클럽 탐험대 기록 이야기 Vlog 리뷰 상점 놀이터 마당 가게 서랍',
);
const COMPANY_ENDINGS = words(
  '푸드 뷰티 컴퍼니 코스메틱 투어 리빙 키친 스튜디오 랩 마켓 커머스 스포츠 아웃도어 에듀 미디어 팜 로스터스 패션',
);
const COMPANY_FORMS = ['(주)', '주식회사 ', '', ''];
const PRODUCTS = words(
  '수분크림 선크림 립밤 밀키트 원두 콜드브루 수제잼 텀블러 캠핑의자 러닝화 요가매트 에코백 향초 디퓨저 블렌더 에어프라이어 숙박권 쿠킹클래스 그래놀라',
);
const CAMPAIGN_KINDS = words('체험단 서포터즈 리뷰어 앰버서더 기자단 방문후기 공동구매 숏폼 언박싱 챌린지');
const TAGS = words(
  '뷰티 맛집 여행 일상 패션 운동 캠핑 육아 반려동물 카페 인테리어 요리 독서 음악 게임 재테크 협찬 체험단 신상 제주 서울 부산 ootd vlog',
);
const SENTENCES = [
  '안녕하세요, 꾸준히 기록을 남기고 있습니다.',
  '솔직한 후기를 약속드립니다.',
  '사진과 짧은 영상을 함께 올립니다.',
  '제품을 한 달 동안 써 보고 적습니다.',
  '주말마다 새로운 장소를 찾아갑니다.',
  '문의는 메일로 부탁드립니다.',
  '모집 인원이 차면 일찍 마감될 수 있습니다.',
  '배송은 선정 뒤 사흘 안에 시작합니다.',
  '가이드라인을 꼭 확인해 주세요.',
  '처음 지원하시는 분도 환영합니다.',
] as const;

export function personName(random: Random): string {
  return random.pick(SURNAMES) + random.pick(SYLLABLES) + random.pick(SYLLABLES);
}

export function channelName(random: Random): string {
  return `${random.pick(ADJECTIVES)} ${random.pick(NOUNS)} ${random.pick(CHANNEL_ENDINGS)}`;
}

export function companyName(random: Random): string {
  return `${random.pick(COMPANY_FORMS)}${random.pick(ADJECTIVES)} ${random.pick(NOUNS)}${random.pick(COMPANY_ENDINGS)}`;
}

export function campaignTitle(random: Random): string {
  return `[${random.pick(CAMPAIGN_KINDS)}] ${random.pick(ADJECTIVES)} ${random.pick(PRODUCTS)} ${random.integer(5, 60)}명 모집`;
}

/** One to `most` sentences. */
export function paragraph(random: Random, most: number): string {
  return Array.from({ length: random.integer(1, most) }, () => random.pick(SENTENCES)).join(' ');
}

/** Clean hashtags as LinkPick's form wrote them: `뷰티, 맛집, 여행`. */
export function hashtags(random: Random): string {
  return random.sample(TAGS, random.integer(1, 5)).join(', ');
}

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
