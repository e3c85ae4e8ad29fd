import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/postgres.global-setup.ts'],
    env: { POWERTOOLS_METRICS_NAMESPACE: 'VideoPick/test/Migration' }, // as lib/lambda-step.ts gives it to functions
    testTimeout: 30_000,
    expect: { poll: { timeout: 10_000 } }, // 1 s by default, which a busy machine needs for one look at a page
    hookTimeout: 60_000,
  },
});
