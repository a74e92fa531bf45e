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

test('no default of a secret is told, wherever the schema says that it is one', () => {
  const secret = () => z.string().meta({ writeOnly: true });
  const named = z.string().meta({ id: 'OptionSchemaTestKey', writeOnly: true });
  const schema = z.object({
    plain: z.string().default('hunter2').meta({ writeOnly: true }),
    inner: secret().default('hunter2'),
    named: named.default('hunter2'),
    again: named.default('hunter2').describe('the same'),
    nested: z.object({ key: secret() }).default({ key: 'hunter2' }),
    piped: secret()
      .transform((text) => text)
      .default('hunter2'),
    list: z.array(secret()).default(['hunter2']),
    union: z.union([secret(), z.number()]).default('hunter2'),
    url: z.string().meta({ format: 'password' }).nullable().default('hunter2'),
  });
  const shapes = optionsIn(schema);
  expect(shapes).toHaveLength(9);
  expect(JSON.stringify(shapes)).not.toContain('hunter2');
});

test('of objects and lists no default is told, as they may hold anything', () => {
  const schema = z.object({ limits: z.object({ n: z.number() }).default({ n: 1 }), names: z.array(z.string()).default(['a']) });
  expect(optionsIn(schema)).toEqual([
    { ...plain, name: 'limits', type: 'object' },
    { ...plain, name: 'names', type: 'array' },
  ]);
});

/** A schema that is shown as `shown`. */
function shownAs(shown: object): StandardSchemaV1 {
  const standard = { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }), jsonSchema: { input: () => shown } } as const;
  return { '~standard': standard };
}

test('references within the schema are followed, and what lies elsewhere may be a secret', () => {
  const schema = shownAs({
    $ref: '#/$defs/Options',
    $defs: {
      Options: {
        type: 'object',
        properties: {
          size: { $ref: '#/$defs/a~1b%20c', default: 5 },
          loop: { $ref: '#/$defs/Loop', default: 'x' },
          far: { $ref: 'https://example.org/key.json', default: 'hunter2' },
          lost: { $ref: '#/$defs/none', default: 'hunter2' },
        },
      },
      'a/b c': { type: 'integer', description: 'how many' },
      Loop: { $ref: '#/$defs/Loop' },
    },
  });
  expect(optionsIn(schema)).toEqual([
    { ...plain, name: 'size', type: 'integer', description: 'how many', default: '5' },
    { ...plain, name: 'loop', type: 'any', default: '"x"' },
    { ...plain, name: 'far', type: 'any' },
    { ...plain, name: 'lost', type: 'any' },
  ]);
});
