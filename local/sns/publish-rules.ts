import { AwsError } from '../gateway/aws-error.ts';

/** UTF-8, not characters. Source: the API reference of Publish. */
const MAX_MESSAGE_BYTES = 256 * 1024;
const MAX_SUBJECT_LENGTH = 100;

/** What may be sent to `Publish` besides these is refused by name: nothing here would act on it. */
const KNOWN = ['Action', 'Version', 'TopicArn', 'TargetArn', 'Subject', 'Message'];

export interface PublishRequest {
  readonly topicArn: string;
  readonly subject: string | null;
  readonly message: string;
}

/** @throws {AwsError} as the service refuses it, or naming the parameter that has no stand-in */
export function parsePublish(form: URLSearchParams): PublishRequest {
  const unknown = [...form.keys()].filter((name) => !KNOWN.includes(name));
  if (unknown.length > 0) {
    throw new AwsError('UnsupportedParameter', `SNS's Publish with ${unknown.join(', ')} has no stand-in here (docs/parity.md)`, {
      status: 501,
    });
  }
  const topicArn = form.get('TopicArn') ?? form.get('TargetArn');
  const message = form.get('Message');
  const subject = form.get('Subject');
  if (message === null) {
    const rule = 'Member must not be null';
    throw new AwsError('ValidationError', `1 validation error detected: Value null at 'message' failed to satisfy constraint: ${rule}`);
  }
  if (topicArn === null) throw invalid('TopicArn or TargetArn Reason: no value for required parameter');
  if (!/^arn:aws[\w-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}(\.fifo)?$/.test(topicArn)) throw invalid('TopicArn');
  if (message === '') throw invalid('Empty message');
  if (Buffer.byteLength(message) > MAX_MESSAGE_BYTES) throw invalid('Message too long');
  if (subject !== null && !isSubject(subject)) throw invalid('Subject');
  return { topicArn, subject, message };
}

/** Begins with a letter, digit or punctuation mark; no line break or other control character; at most 100 characters. */
function isSubject(subject: string): boolean {
  return subject.length <= MAX_SUBJECT_LENGTH && /^[\p{L}\p{N}\p{P}\p{S}]/u.test(subject) && !/\p{Cc}/u.test(subject);
}

function invalid(what: string): AwsError {
  return new AwsError('InvalidParameter', `Invalid parameter: ${what}`);
}
