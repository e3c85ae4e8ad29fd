import { expect, it } from 'vitest';
import { MAX_UPLOAD_BYTES, MAX_UPLOAD_MIB } from '../../../lambdas/transcoding/upload.ts';
import { UploadConfig } from '../../../lambdas/transcoding/uploads/upload-config.ts';

it.each([
  ['1', true],
  [String(MAX_UPLOAD_MIB), true],
  [String(MAX_UPLOAD_MIB + 1), false],
  ['0', false],
])('takes no limit above what inspection lets through: %s MiB', (mib, fits) => {
  expect(UploadConfig.shape.MAX_VIDEO_SIZE_MB.safeParse(mib).success).toBe(fits);
  expect(MAX_UPLOAD_BYTES).toBe(MAX_UPLOAD_MIB * 1024 * 1024);
});
