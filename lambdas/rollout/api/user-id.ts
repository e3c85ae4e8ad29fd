import { z } from 'zod';
import { ApiError } from './api-faults.ts';
import type { ApiRequest } from './http.ts';

/** A user's id as the app knows it. Its shape is checked, not whether there is such a user: the exposure is a hash. */
export const UserId = z
  .string()
  .regex(/^[A-Za-z0-9_.:-]{1,128}$/)
  .describe('The user whose flags apply; without it, what everybody has');

export const UserQuery = z.object({ user: UserId.optional() });

/** Undefined: nobody in particular. @throws {ApiError} INVALID_USER */
export function userOf({ queryStringParameters = {} }: ApiRequest): string | undefined {
  const parsed = UserQuery.safeParse(queryStringParameters);
  if (parsed.success) return parsed.data.user;
  const found = (queryStringParameters.user ?? '').slice(0, 140);
  throw new ApiError('INVALID_USER', { found, expected: '1 to 128 of A-Z a-z 0-9 _ . : -' });
}
