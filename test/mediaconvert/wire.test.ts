import { CreateJobCommand, type CreateJobRequest, MediaConvertClient } from '@aws-sdk/client-mediaconvert';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fromWire, toWire } from '../../local/mediaconvert/wire.ts';
import { hlsLadderJob } from './job-fixture.ts';

/** What the SDK would send for a request. */
async function serialized(request: CreateJobRequest): Promise<unknown> {
  let body = '';
  const client = new MediaConvertClient({
    region: 'ap-northeast-2',
    endpoint: 'http://127.0.0.1:1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    requestHandler: {
      handle: async (sent: { body: Uint8Array }) => {
        body = new TextDecoder().decode(sent.body);
        throw new Error('not sent');
      },
    },
    maxAttempts: 1,
  });
  await client.send(new CreateJobCommand(request)).catch(() => {});
  return JSON.parse(body);
}

it('reads what the SDK writes: a whole job request, its maps with their keys as they are', async () => {
  const request = {
    ...hlsLadderJob(),
    ClientRequestToken: 'token-1',
    UserMetadata: { VideoId: 'a', videoId: 'b' },
    Tags: { Cost: 'x', cost: 'y' },
  };
  expect(fromWire(await serialized(request))).toEqual(request);
});

it('writes what the SDK writes', async () => {
  const request = { ...hlsLadderJob(), ClientRequestToken: 'token-1' };
  expect(toWire(request)).toEqual(await serialized(request));
});

it('converts what lies below the free keys of a map of structures', () => {
  const wire = { audioSelectors: { 'Audio Selector 1': { defaultSelection: 'DEFAULT' }, lower: { tracks: [1] } } };
  expect(fromWire(wire)).toEqual({ AudioSelectors: { 'Audio Selector 1': { DefaultSelection: 'DEFAULT' }, lower: { Tracks: [1] } } });
});

it('writes times in epoch seconds and leaves undefined members out', () => {
  expect(toWire({ Job: { CreatedAt: new Date(1_515_368_087_458), Id: undefined } })).toEqual({ job: { createdAt: 1_515_368_087 } });
});

it('is its own inverse for any nesting of members', () => {
  const name = fc.stringMatching(/^[A-Z][A-Za-z0-9]{0,8}$/).filter((text) => !/^(Tags|UserMetadata|.*Selectors|.*Groups)$/.test(text));
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof({ maxDepth: 4 }, fc.string(), fc.integer(), fc.boolean(), fc.array(tie('tree')), fc.dictionary(name, tie('tree'))),
  }));
  fc.assert(
    fc.property(tree, (value) => {
      expect(fromWire(toWire(value))).toEqual(value);
    }),
  );
});
