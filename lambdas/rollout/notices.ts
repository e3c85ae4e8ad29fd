import { z } from 'zod';

const Text = z.strictObject({ ko: z.string().min(1).max(200), en: z.string().min(1).max(200) });

/** What the app shows its users. */
export const Notice = z.strictObject({
  /** Tells the app whether a user has put this one away already. */
  id: z.string().regex(/^[a-z0-9-]{1,40}$/),
  /** The phase whose opening it tells of. */
  phase: z.string(),
  title: Text,
  message: Text,
  callToAction: Text,
});
export type Notice = z.output<typeof Notice>;

/** The AppConfig profile `notices`: one message, or none when it is left out. One schema, which is also the profile's validator. */
export const NoticesDocument = z.strictObject({ notice: Notice.optional() });
export type NoticesDocument = z.output<typeof NoticesDocument>;

/** The plan's three messages. The Korean is the plan's, word for word. */
export const NOTICES = {
  evolution: {
    id: 'evolution',
    phase: '4.1',
    title: { ko: 'LinkPick이 동영상 플랫폼으로 진화합니다!', en: 'LinkPick is becoming a video platform!' },
    message: { ko: '곧 동영상 콘텐츠를 업로드하고 공유할 수 있습니다.', en: 'Soon you can upload and share videos.' },
    callToAction: { ko: '자세히 알아보기', en: 'Learn more' },
  },
  beta: {
    id: 'beta',
    phase: '4.2',
    title: { ko: '동영상 기능이 베타 오픈되었습니다', en: 'Videos are open in beta' },
    message: { ko: '이제 동영상을 업로드하고 채널을 만들 수 있습니다.', en: 'You can now upload videos and make a channel.' },
    callToAction: { ko: '채널 만들기', en: 'Make a channel' },
  },
  conversion: {
    id: 'conversion',
    phase: '4.3',
    title: { ko: '캠페인이 동영상으로 전환됩니다', en: 'Campaigns become videos' },
    message: {
      ko: '기존 캠페인은 자동으로 동영상 콘텐츠로 변환됩니다.',
      en: 'Existing campaigns are converted to videos by themselves.',
    },
    callToAction: { ko: '내 콘텐츠 보기', en: 'See my content' },
  },
} as const satisfies Readonly<Record<string, Notice>>;
