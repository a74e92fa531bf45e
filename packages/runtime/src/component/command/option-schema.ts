import type { StandardSchemaV1 } from '@standard-schema/spec';
import { isPlainObject } from '../../kernel/check.ts';
import { maySecretsBeIn, referredTo, type SchemaNode } from './schema-secrets.ts';

/** One option of a component, as far as its schema can tell. */
export interface OptionShape {
  readonly name: string;
  /** What its values are; `any` where the schema says more than one word could. */
  readonly type: 'string' | 'number' | 'integer' | 'boolean' | 'array' | 'object' | 'any';
  readonly isNullable: boolean;
  /** The strings that it may be, where it may be no others. */
  readonly choices: readonly string[] | undefined;
  readonly description: string | undefined;
  /** As JSON. Only of one value, and none where a secret may be in it. */
  readonly default: string | undefined;
  readonly isRequired: boolean;
}

const types: readonly unknown[] = ['string', 'number', 'integer', 'boolean', 'array', 'object'] satisfies OptionShape['type'][];

/**
 * The options that a schema speaks of, by the JSON Schema that it can be shown as (Standard JSON Schema). None where it cannot, or where its options are no object of
 * known members: such options are set by their names alone.
 */
export function optionsIn(schema: StandardSchemaV1): readonly OptionShape[] {
  const shown = jsonSchemaOf(schema);
  if (shown === undefined) return [];
  const { properties, required } = referredTo(shown, shown);
  if (!isPlainObject(properties)) return [];
  const needed: readonly unknown[] = Array.isArray(required) ? required : [];
  return Object.entries(properties).map(([name, property]) =>
    shapeOf(name, isPlainObject(property) ? property : {}, { root: shown, isNeeded: needed.includes(name) }),
  );
}

function jsonSchemaOf(schema: StandardSchemaV1): Record<string, unknown> | undefined {
  const standard: object = schema['~standard'];
  if (!('jsonSchema' in standard)) return undefined;
  const { jsonSchema } = standard;
  if (typeof jsonSchema !== 'object' || jsonSchema === null || !('input' in jsonSchema) || typeof jsonSchema.input !== 'function')
    return undefined;
  // The second is for zod: what JSON Schema has no word for may be anything.
  for (const libraryOptions of [undefined, { unrepresentable: 'any' }]) {
    try {
      const shown: unknown = jsonSchema.input({ target: 'draft-2020-12', libraryOptions });
      return isPlainObject(shown) ? shown : undefined;
    } catch {
      // As the specification allows for a schema that cannot be shown: it is asked in the other way, and then known by its names alone.
    }
  }
  return undefined;
}

interface Around {
  readonly root: SchemaNode;
  readonly isNeeded: boolean;
}

function shapeOf(name: string, given: SchemaNode, { root, isNeeded }: Around): OptionShape {
  const property = referredTo(given, root);
  const { description, default: byDefault } = property;
  // Objects and lists may hold what their schema says nothing about.
  const isShown = byDefault !== undefined && (byDefault === null || typeof byDefault !== 'object') && !maySecretsBeIn(given, root);
  return {
    name,
    ...typeOf(property),
    choices: choicesOf(property),
    description: typeof description === 'string' ? description : undefined,
    default: isShown ? JSON.stringify(byDefault) : undefined,
    isRequired: isNeeded && byDefault === undefined,
  };
}

function typeOf({ type }: SchemaNode): Pick<OptionShape, 'type' | 'isNullable'> {
  const named: readonly unknown[] = Array.isArray(type) ? type : [type];
  const [only, ...others] = named.filter((each) => each !== 'null');
  const isNullable = named.includes('null');
  if (others.length > 0 || !types.includes(only)) return { type: 'any', isNullable };
  return { type: only as OptionShape['type'], isNullable }; // It is among them.
}

function choicesOf({ enum: choices, type }: SchemaNode): readonly string[] | undefined {
  if (type !== 'string' || !Array.isArray(choices)) return undefined;
  return choices.filter((choice) => typeof choice === 'string');
}
