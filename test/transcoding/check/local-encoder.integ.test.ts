import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkOutput } from '../../../lambdas/transcoding/check-output.ts';
import { makeClip } from '../../../local/ffmpeg/make-clip.ts';
import { rungGroupsJob } from '../../mediaconvert/group-jobs.ts';
import { startStandIn, type TestStandIn, TINY_LADDER } from '../../mediaconvert/stand-in.ts';
import { checkInput, type Files } from './encoded-output.ts';
import { bucketWith } from './fake-bucket.ts';

let standIn: TestStandIn;
beforeAll(async () => {
  standIn = await startStandIn();
});
afterAll(() => standIn.stop());

it.each([
  ['24000/1001', 14],
  ['25', 14],
  ['30000/1001', 14],
  ['60', 7],
])("passes what the laptop's MediaConvert makes at %s pictures a second, with its storyboard", async (frameRate, seconds) => {
  const name = `${frameRate.replace('/', '-')}.mp4`;
  const destination = `encoded/${name}`;
  await makeClip(join(standIn.directory, name), { ffmpeg: standIn.ffmpeg, seconds, width: 320, height: 180, frameRate });
  await standIn.uploadFile(`originals/${name}`, name);
  const poster = { posterDestination: `thumbnails/${name}/poster` };
  const job = await standIn.run(rungGroupsJob({ input: `originals/${name}`, rungs: TINY_LADDER, destination, ...poster }));
  expect(job.Status).toBe('COMPLETE');
  const folder = `videos/${destination}/`;
  const files: Files = new Map();
  for (const [key, { body }] of standIn.s3.objects) if (key.startsWith(folder)) files.set(key.slice(folder.length), body);
  const [numerator = 1, denominator = 1] = frameRate.split('/').map(Number);
  const promised = { durationSeconds: seconds, framesPerSecond: numerator / denominator };
  const output = await checkOutput(checkInput(promised), { s3: bucketWith(files), timeLeftMs: () => 900_000 });
  expect(output).toMatchObject({ continue: false, faults: [], passed: true, storyboard: { playlist: expect.stringMatching(/^90p\//) } });
});
