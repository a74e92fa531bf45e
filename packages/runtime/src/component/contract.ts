import type { StandardSchemaV1 } from '@standard-schema/spec';
import { requireFunction, requireKnownKeys, requirePlainObject, requireText } from '../kernel/check.ts';
import { badOption } from '../kernel/errors.ts';
import { type Codec, json } from './codec.ts';

/** What goes through an aspect or an interest: a schema alone, or with a codec of its own. Any Standard Schema will do: zod, valibot, arktype. */
export type Contract = StandardSchemaV1 | { readonly schema: StandardSchemaV1; readonly codec?: Codec | undefined };

/** Contracts by the names of aspects or interests. */
export type Contracts = Readonly<Record<string, Contract>>;

// oxlint-disable-next-line typescript/no-generated-empty-object-type -- no names at all is what is meant: with any other type, any name would do.
export type NoContracts = Readonly<Record<never, Contract>>;

type SchemaOf<Given> = Given extends StandardSchemaV1
  ? Given
  : Given extends { readonly schema: infer Schema extends StandardSchemaV1 }
    ? Schema
    : never;

/** What a publisher gives: the schema's input. */
export type Sent<Given> = StandardSchemaV1.InferInput<SchemaOf<Given>>;

/** What a handler gets: the schema's output, with its defaults and conversions. */
export type Received<Given> = StandardSchemaV1.InferOutput<SchemaOf<Given>>;

/** A contract with nothing left to decide. */
export interface CheckedContract {
  readonly schema: StandardSchemaV1;
  readonly codec: Codec;
}

/** @throws {TracewrightError} `TW_BAD_OPTION` naming the wrong contract */
export function requireContracts(option: string, given: unknown): ReadonlyMap<string, CheckedContract> {
  const checked = new Map<string, CheckedContract>();
  for (const [name, contract] of Object.entries(given === undefined ? {} : requirePlainObject(option, given)))
    checked.set(requireText(`${option} name`, name), requireContract(`${option}.${name}`, contract));
  return checked;
}

export function requireSchema(option: string, given: unknown): StandardSchemaV1 {
  if (!isSchema(given)) throw badOption(option, 'a Standard Schema (of zod, valibot, arktype …)', given);
  return given;
}

function requireContract(option: string, given: unknown): CheckedContract {
  if (isSchema(given)) return { schema: given, codec: json };
  if (typeof given !== 'object' || given === null || !('schema' in given))
    throw badOption(option, 'a Standard Schema (of zod, valibot, arktype …), or { schema, codec? }', given);
  requireKnownKeys(option, given, ['schema', 'codec']);
  const { schema, codec = json } = given as { readonly schema: unknown; readonly codec?: Codec }; // Checked in the next lines.
  requireFunction(`${option}.codec.encode`, codec.encode);
  requireFunction(`${option}.codec.decode`, codec.decode);
  requireText(`${option}.codec.contentType`, codec.contentType);
  return { schema: requireSchema(`${option}.schema`, schema), codec };
}

/** By the marker of the specification; schemas are functions in some libraries. */
function isSchema(value: unknown): value is StandardSchemaV1 {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null || !('~standard' in value)) return false;
  const standard = value['~standard'];
  return typeof standard === 'object' && standard !== null && 'validate' in standard && typeof standard.validate === 'function';
}
