import { expect, it } from 'vitest';
import { type DeliveryFailure, EventBridge } from '../../local/eventbridge/event-bridge.ts';
import type { RuleSpec } from '../../local/eventbridge/rule.ts';
import { s3ObjectCreatedEvent } from '../../local/eventbridge/s3-event.ts';

const uploads: RuleSpec = {
  name: 'uploads',
  state: 'ENABLED',
  eventPattern: { source: ['aws.s3'], detail: { object: { key: [{ prefix: 'originals/' }] } } },
  targets: [{ arn: 'arn:machine', inputPath: '$.detail.object.key' }],
};

function busOf(rules: readonly RuleSpec[], failing: string[] = []) {
  const delivered: [string, unknown][] = [];
  const failures: DeliveryFailure[] = [];
  const deliver = async (arn: string, input: unknown) => {
    if (failing.includes(arn)) throw new Error(`${arn} is away`);
    delivered.push([arn, input]);
  };
  const bus = new EventBridge({
    rules,
    region: 'ap-northeast-2',
    accountId: '123456789012',
    deliver,
    onDeliveryFailure: (failure) => failures.push(failure),
    clock: () => Date.UTC(2026, 10, 23, 2),
  });
  return { bus, delivered, failures };
}

const putEvents = async (bus: EventBridge, Entries: unknown) => {
  const request = {
    method: 'POST',
    path: '/',
    query: new URLSearchParams(),
    headers: { 'x-amz-target': 'AWSEvents.PutEvents' },
    body: Buffer.from(JSON.stringify({ Entries })),
  };
  return (await bus.handle(request)).body;
};
const upload = (key: string) =>
  s3ObjectCreatedEvent({ bucket: 'videos', key, sizeBytes: 5, etag: '"abc"', reason: 'PutObject', accountId: '123456789012' });
const entry = (fields = {}) => ({ Source: 'videopick', DetailType: 'Run closed', Detail: '{"n":1}', ...fields });

it('delivers an event to the targets of the rules it matches', async () => {
  const everything: RuleSpec = {
    name: 'all',
    state: 'ENABLED',
    eventPattern: { account: ['123456789012'] },
    targets: [{ arn: 'arn:log' }, { arn: 'arn:count', input: '1' }],
  };
  const off: RuleSpec = { ...everything, name: 'off', state: 'DISABLED', targets: [{ arn: 'arn:off' }] };
  const { bus, delivered } = busOf([uploads, everything, off]);
  await bus.publish(upload('originals/a.mp4'));
  expect(delivered.map(([arn]) => arn).sort()).toEqual(['arn:count', 'arn:log', 'arn:machine']);
  expect(delivered).toContainEqual(['arn:machine', 'originals/a.mp4']);
  expect(delivered.find(([arn]) => arn === 'arn:log')?.[1]).toMatchObject({
    version: '0',
    id: expect.any(String),
    account: '123456789012',
    region: 'ap-northeast-2',
    time: '2026-11-23T02:00:00Z',
  });
  delivered.length = 0;
  await bus.publish(upload('encoded/a.m3u8'));
  expect(delivered.map(([arn]) => arn).sort()).toEqual(['arn:count', 'arn:log']);
});

it('reports a target that fails and still tries the others', async () => {
  const { bus, delivered, failures } = busOf([{ ...uploads, targets: [{ arn: 'arn:away' }, ...uploads.targets] }], ['arn:away']);
  await bus.publish(upload('originals/a.mp4'));
  expect(delivered).toHaveLength(1);
  expect(failures).toMatchObject([{ rule: 'uploads', targetArn: 'arn:away', error: { message: 'arn:away is away' } }]);
});

it('answers PutEvents entry by entry and counts the failed ones', async () => {
  const { bus, delivered } = busOf([
    { ...uploads, eventPattern: { source: ['videopick'] }, targets: [{ arn: 'arn:log', inputPath: '$.detail' }] },
  ]);
  const answer = await putEvents(bus, [
    entry(),
    entry({ Detail: '[1]' }),
    entry({ Source: undefined }),
    entry({ Source: 'aws.s3' }),
    entry({ EventBusName: 'other' }),
  ]);
  expect(answer).toEqual({
    FailedEntryCount: 4,
    Entries: [
      { EventId: expect.any(String) },
      { ErrorCode: 'MalformedDetail', ErrorMessage: expect.any(String) },
      { ErrorCode: 'InvalidArgument', ErrorMessage: expect.stringContaining('Source is a required argument') },
      { ErrorCode: 'NotAuthorizedForSource', ErrorMessage: expect.any(String) },
      { ErrorCode: 'ResourceNotFoundException', ErrorMessage: expect.any(String) },
    ],
  });
  await expect.poll(() => delivered).toEqual([['arn:log', { n: 1 }]]);
});

it.each([
  ['eleven entries', Array.from({ length: 11 }, () => entry())],
  ['no entries', []],
  ['more than 256 KiB', [entry({ Detail: JSON.stringify({ text: '가'.repeat(90_000) }) })]],
])('refuses %s', async (_, entries) => {
  await expect(putEvents(busOf([]).bus, entries)).rejects.toMatchObject({ code: 'ValidationException', status: 400 });
});

it('refuses to load a rule it cannot follow, naming it', () => {
  expect(() => busOf([{ ...uploads, eventPattern: { detail: { ip: [{ cidr: '10.0.0.0/8' }] } } }])).toThrow(
    /rule "uploads" cannot be followed here: .*"cidr"/,
  );
});

it('shapes an S3 event as S3 does, with sequencers that grow', () => {
  const events = Array.from({ length: 1000 }, () => upload('originals/가 b.mp4'));
  expect(events[0]).toMatchObject({
    source: 'aws.s3',
    'detail-type': 'Object Created',
    resources: ['arn:aws:s3:::videos'],
    detail: {
      version: '0',
      bucket: { name: 'videos' },
      object: { key: 'originals/가 b.mp4', size: 5, etag: 'abc' },
      requester: '123456789012',
      reason: 'PutObject',
    },
  });
  const sequencers = events.map(({ detail }) => (detail.object as { sequencer: string }).sequencer);
  expect(sequencers).toEqual([...new Set(sequencers)].sort());
  expect(sequencers.every((sequencer) => /^[0-9A-F]{18}$/.test(sequencer))).toBe(true);
});
