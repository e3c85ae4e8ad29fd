import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** A message as it was accepted. */
export interface PublishedMessage {
  readonly messageId: string;
  readonly topicArn: string;
  readonly subject: string | null;
  readonly message: string;
  /** ISO 8601, UTC. */
  readonly publishedAt: string;
}

/** Where messages end that nobody on a laptop subscribes to: `<directory>/<topic>.jsonl`, one message a line, oldest first. */
export class Outbox {
  readonly #directory: string;

  constructor(directory: string) {
    mkdirSync(directory, { recursive: true });
    this.#directory = directory;
  }

  /** A whole line in one append, so that a reader never sees half a message. */
  append(message: PublishedMessage): void {
    appendFileSync(this.fileOf(message.topicArn), `${JSON.stringify(message)}\n`);
  }

  fileOf(topicArn: string): string {
    return join(this.#directory, `${topicArn.slice(topicArn.lastIndexOf(':') + 1)}.jsonl`);
  }
}
