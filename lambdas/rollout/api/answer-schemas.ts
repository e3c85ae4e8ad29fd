import { z } from 'zod';
import type { CompletedUpload } from '../../transcoding/uploads/complete-upload.ts';
import type { UploadPage, UploadView } from '../../transcoding/uploads/read-upload.ts';
import type { SignedPart } from '../../transcoding/uploads/sign-parts.ts';
import { type Attribute, FLAG_NAMES, type FlagName, flagOf } from '../catalogue.ts';
import { Notice } from '../notices.ts';
import { UserId } from './user-id.ts';

/** What the routes answer, for their description alone: the handlers' types are checked by the compiler, their answers by a test. */

function flagAnswer(name: FlagName): z.ZodType {
  const { description, attributes = {} } = flagOf(name);
  const off = z.strictObject({ enabled: z.literal(false) });
  const values = Object.entries<Attribute>(attributes).map(([key, attribute]) => [key, attributeAnswer(attribute)]);
  return z.union([off, z.strictObject({ enabled: z.literal(true), ...Object.fromEntries(values) })]).describe(description);
}

function attributeAnswer({ description, constraint }: Attribute): z.ZodType {
  if (constraint.type === 'number') return z.number().min(constraint.minimum).max(constraint.maximum).describe(description);
  return z.array(constraint.elements.enum === undefined ? z.string() : z.enum(constraint.elements.enum)).describe(description);
}

export const RolloutAnswer = z.strictObject({
  user: UserId.nullable(),
  phase: z.string().nullable().describe('The last phase that is open to anybody; null before the first'),
  flags: z.strictObject(Object.fromEntries(FLAG_NAMES.map((name) => [name, flagAnswer(name)]))),
  notice: Notice.nullable().describe('Its id tells whether a user has put this one away already'),
});

const upload = {
  id: z.uuid(),
  videoId: z.string(),
  fileName: z.string(),
  contentType: z.string(),
  sizeBytes: z.int(),
  partBytes: z.int(),
  partCount: z.int(),
  status: z.enum(['open', 'promoting', 'completed', 'aborted']),
};

export const UploadAnswer = z.strictObject(upload) satisfies z.ZodType<UploadView>;

export const UploadPageAnswer = z.strictObject({
  ...upload,
  parts: z.array(z.strictObject({ partNumber: z.int(), sizeBytes: z.int(), sha256: z.string() })),
  next: z.int().nullable(),
}) satisfies z.ZodType<UploadPage>;

export const SignedPartsAnswer = z.strictObject({
  parts: z.array(
    z.strictObject({
      partNumber: z.int(),
      sizeBytes: z.int(),
      method: z.literal('PUT'),
      url: z.url(),
      headers: z.record(z.string(), z.string()),
      expiresAt: z.iso.datetime(),
    }),
  ),
}) satisfies z.ZodType<{ readonly parts: readonly SignedPart[] }>;

export const CompletedUploadAnswer = z.strictObject({ ...upload, copiedParts: z.int() }) satisfies z.ZodType<CompletedUpload>;
