import type { Context } from 'aws-lambda';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { InvalidInputError, logger, parseInput, step } from '../lambdas/step.ts';

const context = { awsRequestId: 'r-1', functionName: 'f', getRemainingTimeInMillis: () => 1_000 } as unknown as Context;
const Input = z.object({ id: z.uuid(), limit: z.number().int().min(1) });
const id = '6b9f1f2e-8d5e-4f8e-9d5c-0c2f7a4a1e11';

beforeEach(() => {
  vi.spyOn(logger, 'info').mockImplementation(() => undefined);
});
afterEach(() => vi.restoreAllMocks());

it('runs the step with its parsed input and its context, and answers what it answers', async () => {
  const handler = step(Input, async (input, { awsRequestId }) => ({ ...input, awsRequestId }));
  expect(await handler({ id, limit: 3, more: 'dropped' }, context)).toEqual({ id, limit: 3, awsRequestId: 'r-1' });
});

it('refuses an input that does not fit, naming every field and no value, and runs nothing', async () => {
  const run = vi.fn();
  const failing = step(Input, run)({ id: 'someone@example.com', limit: 0 }, context);
  await expect(failing).rejects.toBeInstanceOf(InvalidInputError);
  await expect(failing).rejects.toMatchObject({ name: 'InvalidInputError', message: expect.stringMatching(/id: .*limit: /) });
  await expect(failing).rejects.not.toThrow('someone@example.com');
  expect(run).not.toHaveBeenCalled();
});

it('lets the error of a step through as it is, so that a state machine can match its name', async () => {
  const error = Object.assign(new Error('gone'), { name: 'LeaseLostError' });
  const failing = step(z.unknown(), () => Promise.reject(error))({}, context);
  await expect(failing).rejects.toBe(error);
});

it('logs that it is done, and nothing of its input or output: they may be personal', async () => {
  const info = vi.mocked(logger.info);
  await step(z.object({ name: z.string() }), async () => ({ file: '이하늘.mp4' }))({ name: '김하늘' }, context);
  expect(info).toHaveBeenCalledWith('step done');
  expect(JSON.stringify(info.mock.calls)).not.toContain('하늘');
});

it('says what is wrong with an input as a whole', () => {
  expect(() => parseInput(z.strictObject({}), { oops: 1 })).toThrow(/oops/);
  expect(() => parseInput(Input, null)).toThrow(InvalidInputError);
  expect(parseInput(z.unknown(), undefined)).toBeUndefined();
});
