import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Settings } from '../../lambdas/migration/settings.ts';
import { compileJsonSchema } from '../../local/appconfig/json-schema.ts';
import { SCHEMA } from './local-appconfig.ts';

it.each<[schema: object, good: unknown, bad: unknown]>([
  [{ type: 'integer' }, 1, 1.5],
  [{ type: 'number' }, 1, '1'],
  [{ type: ['string', 'null'] }, null, 0],
  [{ type: 'object' }, {}, []],
  [{ enum: ['a', { b: 1 }] }, { b: 1 }, 'b'],
  [{ minimum: 1 }, 1, 0.9],
  [{ minimum: 1, exclusiveMinimum: true }, 1.1, 1],
  [{ maximum: 1 }, 1, 1.1],
  [{ maximum: 1, exclusiveMaximum: true }, 0.9, 1],
  [{ minLength: 2, maxLength: 3 }, '가나', '가'],
  [{ maxLength: 1 }, '😀', 'ab'],
  [{ pattern: '^a+$' }, 'aa', 'ab'],
  [{ required: ['a'] }, { a: undefined }, {}],
  [{ properties: { a: { type: 'string' } } }, { b: 1 }, { a: 1 }],
  [{ properties: { a: {} }, additionalProperties: false }, { a: 1 }, { b: 1 }],
  [{ additionalProperties: { type: 'boolean' } }, { x: true }, { x: 1 }],
  [{ items: { minimum: 2 } }, [2, 3], [2, 1]],
  [{ minimum: 1, minLength: 1, required: ['a'], items: {} }, true, undefined],
])('by %j takes %j and refuses %j', (schema, good, bad) => {
  const validate = compileJsonSchema({ $schema: 'http://json-schema.org/draft-04/schema#', ...schema });
  expect(validate(good)).toEqual([]);
  if (bad !== undefined) expect(validate(bad)).not.toEqual([]);
});

it('names every keyword it does not know', () => {
  expect(() => compileJsonSchema({ oneOf: [], properties: { a: { $ref: '#' } }, items: { not: {} } })).toThrow(
    /"oneOf" at #, "\$ref" at #\/properties\/a, "not" at #\/items; the keywords known here: /,
  );
});

it('agrees with the schema the steps parse with, on any document', () => {
  const validate = compileJsonSchema(SCHEMA);
  const near = fc.oneof(fc.integer({ min: -2, max: 60_000 }), fc.double(), fc.boolean(), fc.string(), fc.constant(null));
  const document = fc.record(
    {
      enabled: near,
      dailyLimit: near,
      batchRows: near,
      maxBatchRows: near,
      statementTargetMs: near,
      budgets: fc.dictionary(
        fc.constantFrom('*', 'CONSTRAINT'),
        fc.record({ rows: near, percent: near, other: near }, { requiredKeys: [] }),
      ),
      entities: fc.dictionary(fc.constantFrom('user', 'video'), fc.record({ enabled: near }, { requiredKeys: [] })),
      colour: near,
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(document, (generated) => {
      const parsed = JSON.parse(JSON.stringify(generated));
      expect(validate(parsed).length === 0).toBe(Settings.safeParse(parsed).success);
    }),
    { numRuns: 2_000 },
  );
});
