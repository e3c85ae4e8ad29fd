import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListTopicsCommand, PublishCommand, type PublishCommandInput, SNSClient } from '@aws-sdk/client-sns';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Gateway } from '../../local/gateway/gateway.ts';
import type { PublishedMessage } from '../../local/sns/outbox.ts';
import { Sns } from '../../local/sns/sns.ts';

const topicArn = 'arn:aws:sns:ap-northeast-2:000000000000:videopick-dev-migration-notices';
const noTopic = 'arn:aws:sns:ap-northeast-2:000000000000:nobody';

let outbox: string;
let gateway: Gateway;
let endpoint: string;
let client: SNSClient;
let heard: PublishedMessage[];
let listener: (message: PublishedMessage) => void;
let faults: unknown[];

beforeEach(async () => {
  outbox = mkdtempSync(join(tmpdir(), 'videopick-sns-'));
  heard = [];
  faults = [];
  listener = (message) => heard.push(message);
  const sns = new Sns({
    topicArns: [topicArn],
    outbox,
    onPublished: (message) => listener(message),
    clock: () => Date.UTC(2026, 10, 22, 17),
  });
  gateway = new Gateway({ services: new Map([['sns', sns]]), web: () => {}, onError: (error) => faults.push(error) });
  endpoint = await gateway.listen(0);
  client = new SNSClient({ endpoint, region: 'ap-northeast-2', credentials: { accessKeyId: 'a', secretAccessKey: 'b' }, maxAttempts: 1 });
  return async () => {
    client.destroy();
    await gateway.close();
  };
});
afterEach(() => rmSync(outbox, { recursive: true, force: true }));

const publish = (input: Partial<PublishCommandInput>) => client.send(new PublishCommand({ TopicArn: topicArn, Message: 'm', ...input }));
const file = () => readFileSync(join(outbox, 'videopick-dev-migration-notices.jsonl'), 'utf8');

describe('Publish', () => {
  it('answers the message’s id, puts the message into the topic’s outbox and tells the listener', async () => {
    const message = '이관 완료 <b>&\r\n두 번째 줄 "끝" 😀';
    const { MessageId, $metadata } = await publish({ Subject: 'Migration completed', Message: message });
    const [line, ...more] = file().trimEnd().split('\n');
    const kept = { messageId: MessageId, topicArn, subject: 'Migration completed', message, publishedAt: '2026-11-22T17:00:00.000Z' };
    expect(JSON.parse(line ?? '')).toEqual(kept);
    expect(more).toEqual([]);
    expect(heard).toEqual([kept]);
    expect($metadata).toMatchObject({ httpStatusCode: 200, requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
  });

  it('appends, and takes a TargetArn and no subject', async () => {
    await publish({});
    await client.send(new PublishCommand({ TargetArn: topicArn, Message: 'second' }));
    expect(heard.map(({ message, subject }) => [message, subject])).toEqual([
      ['m', null],
      ['second', null],
    ]);
    expect(file().trimEnd().split('\n')).toHaveLength(2);
  });

  it.each([
    ['a topic that does not exist', { TopicArn: noTopic }, 'NotFound', 404, 'Topic does not exist'],
    ['something that is no topic’s ARN', { TopicArn: '../etc' }, 'InvalidParameter', 400, 'Invalid parameter: TopicArn'],
    ['an empty message', { Message: '' }, 'InvalidParameter', 400, 'Invalid parameter: Empty message'],
    [
      'a message over 256 KB, counted in UTF-8',
      { Message: '가'.repeat(87_382) },
      'InvalidParameter',
      400,
      'Invalid parameter: Message too long',
    ],
    ['a subject over 100 characters', { Subject: 's'.repeat(101) }, 'InvalidParameter', 400, 'Invalid parameter: Subject'],
    ['a subject of two lines', { Subject: 'one\ntwo' }, 'InvalidParameter', 400, 'Invalid parameter: Subject'],
    ['an empty subject', { Subject: '' }, 'InvalidParameter', 400, 'Invalid parameter: Subject'],
    ['what has no stand-in, by name', { MessageStructure: 'json' }, 'UnsupportedParameter', 501, 'MessageStructure'],
  ])('refuses %s', async (_, input, name, status, message) => {
    await expect(publish(input)).rejects.toMatchObject({
      Code: expect.stringContaining(name),
      message: expect.stringContaining(message),
      $metadata: { httpStatusCode: status },
    });
    expect(heard).toEqual([]);
    expect(() => file()).toThrow('ENOENT');
  });

  it('takes a message of exactly 256 KB and a subject of 100 characters', async () => {
    await publish({ Message: 'm'.repeat(256 * 1024), Subject: 's'.repeat(100) });
    expect(heard).toHaveLength(1);
  });
});

describe('other operations', () => {
  it('lists the topics', async () => {
    expect((await client.send(new ListTopicsCommand())).Topics).toEqual([{ TopicArn: topicArn }]);
  });

  it('refuses one without stand-in as XML, with the request’s id', async () => {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: { authorization: 'AWS4-HMAC-SHA256 Credential=a/20261122/ap-northeast-2/sns/aws4_request' },
      body: new URLSearchParams({ Action: 'DeleteTopic', TopicArn: topicArn }),
    });
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toBe('text/xml');
    expect(await response.text()).toBe(
      `<ErrorResponse><Error><Type>Sender</Type><Code>InvalidAction</Code><Message>SNS's DeleteTopic has no stand-in here ` +
        `(docs/parity.md)</Message></Error><RequestId>${response.headers.get('x-amzn-requestid')}</RequestId></ErrorResponse>`,
    );
  });

  it('answers a fault of its own as XML too, and reports it', async () => {
    listener = () => {
      throw new Error('the listener broke');
    };
    await expect(publish({})).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 }, message: 'the listener broke' });
    expect(faults).toHaveLength(1);
  });
});
