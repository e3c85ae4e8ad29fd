import { randomUUID } from 'node:crypto';
import { AwsError } from '../gateway/aws-error.ts';
import type { QueryResult, QueryService } from '../gateway/service.ts';
import { Outbox, type PublishedMessage } from './outbox.ts';
import { type PublishRequest, parsePublish } from './publish-rules.ts';

export interface SnsOptions {
  readonly topicArns: readonly string[];
  /** A file a topic: `<outbox>/<topic>.jsonl`. */
  readonly outbox: string;
  /** Told of every message after it is in the outbox. */
  readonly onPublished?: (message: PublishedMessage) => void;
  /** Epoch milliseconds. @default Date.now */
  readonly clock?: () => number;
}

/** Topics of the template. There are no subscriptions: what is published waits in the outbox. */
export class Sns implements QueryService {
  readonly protocol = 'query';
  readonly xmlNamespace = 'http://sns.amazonaws.com/doc/2010-03-31/';
  readonly #options: SnsOptions;
  readonly #outbox: Outbox;
  readonly #now: () => number;

  constructor(options: SnsOptions) {
    this.#options = options;
    this.#outbox = new Outbox(options.outbox);
    this.#now = options.clock ?? Date.now;
  }

  async handle(action: string, form: URLSearchParams): Promise<QueryResult> {
    if (action === 'Publish') return { MessageId: this.publish(parsePublish(form)).messageId };
    // A page of the service has 100 topics; an application has a handful.
    if (action === 'ListTopics') return { Topics: this.#options.topicArns.map((TopicArn) => ({ TopicArn })) };
    throw new AwsError('InvalidAction', `SNS's ${action || 'request without Action'} has no stand-in here (docs/parity.md)`);
  }

  /** @throws {AwsError} `NotFound` for a topic that no template declares */
  publish({ topicArn, subject, message }: PublishRequest): PublishedMessage {
    if (!this.#options.topicArns.includes(topicArn)) throw new AwsError('NotFound', 'Topic does not exist', { status: 404 });
    const published = { messageId: randomUUID(), topicArn, subject, message, publishedAt: new Date(this.#now()).toISOString() };
    this.#outbox.append(published);
    this.#options.onPublished?.(published);
    return published;
  }
}
