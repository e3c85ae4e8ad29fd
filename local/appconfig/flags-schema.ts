import { z } from 'zod';

// Source: AppConfig user guide, type reference for AWS.AppConfig.FeatureFlags.

export const MAX_ATTRIBUTES = 25;

const Key = z.string().regex(/^[a-z][a-zA-Z\d_-]{0,63}$/, 'expected a key like ^[a-z][a-zA-Z\\d_-]{0,63}$');
const Description = z.string().max(1024);
/** The service writes these. */
const stamps = { _createdAt: z.string().optional(), _updatedAt: z.string().optional() };
const required = z.boolean().optional();

const StringConstraints = z
  .strictObject({
    type: z.literal('string'),
    required,
    pattern: z.string().max(1024).refine(isPattern, 'expected a regular expression').optional(),
    enum: z
      .array(z.union([z.string().max(1024), z.int()]))
      .max(100)
      .optional(),
  })
  .refine((constraints) => constraints.pattern === undefined || constraints.enum === undefined, 'expected pattern or enum, not both');
const NumberConstraints = z.strictObject({
  type: z.literal('number'),
  required,
  minimum: z.int().optional(),
  maximum: z.int().optional(),
});
const BooleanConstraints = z.strictObject({ type: z.literal('boolean'), required });
const ElementConstraints = z.discriminatedUnion('type', [StringConstraints, NumberConstraints]);
const ArrayConstraints = z.strictObject({ type: z.literal('array'), required, elements: ElementConstraints.optional() });
const Constraints = z.discriminatedUnion('type', [StringConstraints, NumberConstraints, BooleanConstraints, ArrayConstraints]);
export type Constraints = z.output<typeof Constraints>;

const AttributeDefinition = z.strictObject({ description: Description.optional(), constraints: Constraints.optional() });
const FlagDefinition = z.strictObject({
  name: z
    .string()
    .regex(/^[^\n]{1,64}$/, 'expected 1 to 64 characters in one line')
    .optional(),
  description: Description.optional(),
  ...stamps,
  _deprecation: z.strictObject({ status: z.literal('planned').optional(), date: z.iso.date().optional() }).optional(),
  attributes: z
    .record(Key, AttributeDefinition)
    .refine((attributes) => Object.keys(attributes).length <= MAX_ATTRIBUTES, `expected at most ${MAX_ATTRIBUTES} attributes`)
    .optional(),
});

const Text = z.string().max(1024);
const AttributeValue = z.union([Text, z.number(), z.boolean(), z.array(Text), z.array(z.number())], {
  error: 'expected a string of at most 1024 characters, a number, a boolean, or an array of strings or of numbers',
});
export type AttributeValue = z.output<typeof AttributeValue>;

const FlagValue = z
  .object({
    enabled: z.boolean().optional(),
    ...stamps,
    _variants: z.never({ error: 'multi-variant flags have no stand-in here (docs/parity.md)' }).optional(),
  })
  .catchall(AttributeValue);

/** The document as it is stored: definitions and values. */
export const FlagsDocument = z.strictObject({
  version: z.literal('1'),
  flags: z.record(Key, FlagDefinition).default({}),
  values: z.record(Key, FlagValue).default({}),
});
export type FlagsDocument = z.output<typeof FlagsDocument>;

function isPattern(pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u') !== undefined;
  } catch {
    return false; // the answer, not a failure: the text is no regular expression
  }
}
