import { expect, it } from 'vitest';
import { describeEncode } from '../../local/runner/encode-progress.ts';

const progress = { jobId: '17-abc', phase: 'TRANSCODING', percent: 44.6 } as const;

it.each([
  [{ videoId: 'c-017', uploadId: 'e3b0', kind: 'hls' }, 'c-017 video: transcoding 45 %'],
  [{ videoId: 'c-018', uploadId: 'a1b2', kind: 'preview' }, 'c-018 preview: transcoding 45 %'],
  [{}, 'job 17-abc: transcoding 45 %'],
])('names the video and the kind of a job with %j', (userMetadata, line) => {
  expect(describeEncode({ ...progress, userMetadata })).toBe(line);
});
