import type { StandardSchemaV1 } from '@standard-schema/spec';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { optionsIn } from './option-schema.ts';

const plain = { isNullable: false, choices: undefined, description: undefined, default: undefined, isRequired: false };

test('a schema of an object says what its members are', () => {
  const schema = z.object({
    port: z.number().int(),
    ratio: z.number().default(0.5),
    kind: z.enum(['a', 'b']).describe('which').optional(),
    either: z.union([z.string(), z.number()]).optional(),
    none: z.string().nullable().default(null),
    key: z.string().default('hunter2').meta({ writeOnly: true }),
  });
  expect(optionsIn(schema)).toEqual([
    { ...plain, name: 'port', type: 'integer', isRequired: true },
    { ...plain, name: 'ratio', type: 'number', default: '0.5' },
    { ...plain, name: 'kind', type: 'string', choices: ['a', 'b'], description: 'which' },
    { ...plain, name: 'either', type: 'any' },
    { ...plain, name: 'none', type: 'string', isNullable: true, default: 'null' },
    { ...plain, name: 'key', type: 'string' },
  ]);
});

test('what JSON Schema has no word for may be anything', () =>
  expect(optionsIn(z.object({ since: z.date().optional() }))).toEqual([{ ...plain, name: 'since', type: 'any' }]));

test('a schema that cannot be shown, or is no object of known members, says nothing', () => {
  const dumb: StandardSchemaV1 = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } };
  const shows = (input: () => unknown): StandardSchemaV1 => {
    const standard = { ...dumb['~standard'], jsonSchema: { input } };
    return { '~standard': standard };
  };
  const refusing = shows(() => {
    throw new Error('not representable');
  });
  for (const schema of [dumb, refusing, shows(() => 5), shows(() => ({ properties: [] })), z.record(z.string(), z.number()), z.string()])
    expect(optionsIn(schema)).toEqual([]);
  expect(optionsIn(shows(() => ({ properties: { odd: true } })))).toEqual([{ ...plain, name: 'odd', type: 'any' }]);
});
