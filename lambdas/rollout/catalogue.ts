/**
 * Terms. A flag is a switch in AppConfig, `SHOW_VIDEO_TAB` everywhere but in AppConfig's documents, which take keys in lower case only. A phase
 * opens some flags to a percentage of users; a tester sees them before. A flag without a phase is a switch of the operators, for everybody at once.
 *
 * Plain data, so that the app can be bundled with it: no import.
 */

export type AttributeValue = number | string | boolean | readonly (number | string)[];

/** As AppConfig constrains it. Source: AppConfig user guide, feature-flag type reference. */
export type Constraint =
  | { readonly type: 'number'; readonly minimum: number; readonly maximum: number }
  | { readonly type: 'array'; readonly elements: { readonly type: 'string'; readonly enum?: readonly string[] } };

export interface Attribute {
  readonly description: string;
  readonly constraint: Constraint;
  readonly initial: AttributeValue;
}

export interface Flag {
  readonly description: string;
  /** Null: not opened by a phase. */
  readonly phase: string | null;
  /** What holds where no document says otherwise. */
  readonly enabled: boolean;
  readonly attributes?: Readonly<Record<string, Attribute>>;
}

/** Of the encoder's segments (docs/decisions/0006-job.md): it makes no others, so that a document can say nothing else. A test compares the two. */
const SEGMENT_SECONDS = 6;

export const FLAGS = {
  SHOW_VIDEO_TAB: { description: 'The tab of videos in the app', phase: '4.1', enabled: false },
  ENABLE_VIDEO_UPLOAD: { description: 'Uploading videos', phase: '4.1', enabled: false },
  ENABLE_VIDEO_PLAYER: { description: 'Playing videos in the app', phase: '4.2', enabled: false },
  ENABLE_CHANNELS: { description: 'Making and visiting channels', phase: '4.2', enabled: false },
  ENABLE_SUBSCRIPTIONS: { description: 'Subscribing to channels', phase: '4.3', enabled: false },
  ENABLE_RECOMMENDATIONS: { description: 'Recommended videos', phase: '4.3', enabled: false },
  ENABLE_MONETIZATION: {
    description: 'Earning from videos',
    phase: '4.4',
    enabled: false,
    attributes: {
      MIN_MONETIZATION_SUBSCRIBERS: {
        description: 'Subscribers a channel needs to earn',
        constraint: { type: 'number', minimum: 0, maximum: 10_000_000 },
        initial: 1_000,
      },
      AD_REVENUE_SHARE: {
        description: 'Share of ad revenue that goes to the creator',
        constraint: { type: 'number', minimum: 0, maximum: 1 },
        initial: 0.7,
      },
    },
  },
  DISABLE_LEGACY_CAMPAIGNS: { description: 'New campaigns are videos; the old form is closed', phase: '4.4', enabled: false },
  USE_LEGACY_ROUTES: { description: 'Pages are served by LinkPick', phase: null, enabled: false },
  VIDEO_PROCESSING_ENABLED: {
    description: 'Uploads are taken and transcoded',
    phase: null,
    enabled: true,
    attributes: {
      MAX_VIDEO_SIZE_MB: {
        description: 'Largest upload, in MiB',
        constraint: { type: 'number', minimum: 1, maximum: 1_048_576 },
        initial: 10_240,
      },
      ALLOWED_VIDEO_FORMATS: {
        description: 'Extensions that may be uploaded',
        constraint: { type: 'array', elements: { type: 'string', enum: ['mp4', 'mov', 'avi', 'mkv', 'webm'] } },
        initial: ['mp4', 'mov', 'avi', 'mkv', 'webm'],
      },
      HLS_SEGMENT_DURATION: {
        description: 'Seconds a segment lasts, as it is encoded: tells apps, sets nothing',
        constraint: { type: 'number', minimum: SEGMENT_SECONDS, maximum: SEGMENT_SECONDS },
        initial: SEGMENT_SECONDS,
      },
    },
  },
  VIDEO_ANALYTICS_ENABLED: { description: 'Views are counted', phase: null, enabled: true },
} as const satisfies Readonly<Record<string, Flag>>;

export type FlagName = keyof typeof FLAGS;

/** All flags in the order of their phases. */
export const FLAG_NAMES = Object.keys(FLAGS) as readonly FlagName[];

/** A flag, as its type rather than its literal. */
export function flagOf(name: FlagName): Flag {
  return FLAGS[name];
}
