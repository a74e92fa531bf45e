import type { StandardSchemaV1 } from '@standard-schema/spec';
import { isThenable } from '../kernel/check.ts';
import { TracewrightError } from '../kernel/errors.ts';
import { asContent, messageOf } from '../kernel/exceptions.ts';
import { type Codec, json } from './codec.ts';
import type { CheckedContract } from './contract.ts';
import { type Problem, problemsText, validate, type Validated } from './validate.ts';

/** Where a payload is on its way. */
export interface PayloadPlace {
  /** The aspect or interest. */
  readonly target: string;
  readonly destination: string;
}

/**
 * The bytes of `payload`, once it fits its contract.
 *
 * What is sent is what the schema took, not what it made of it: who receives asks its own schema.
 *
 * @throws {TracewrightError} `TW_BAD_PAYLOAD` with `data: { target, destination, at: 'schema' | 'encode', problems? }`
 */
export async function encodePayload({ schema, codec }: CheckedContract, payload: unknown, place: PayloadPlace): Promise<Uint8Array> {
  const judged = check(schema, payload, place);
  // Now: a payload is its author's to change while a schema takes its time.
  const encoding = encode(codec, payload, place);
  if (isThenable(judged)) {
    // A payload that does not fit need not be encodable.
    encoding.catch(() => undefined);
    await judged;
  }
  return await encoding;
}

async function encode(codec: Codec, payload: unknown, place: PayloadPlace): Promise<Uint8Array> {
  try {
    return await codec.encode(payload);
  } catch (cause) {
    throw unreadable('cannot be encoded', { ...place, at: 'encode' }, cause);
  }
}

/**
 * What the bytes of a message stand for; a promise only where codec or schema answer later.
 *
 * @throws {TracewrightError} `TW_BAD_PAYLOAD` with `data: { target, destination, at: 'decode' | 'schema', problems? }`
 */
export function decodePayload({ schema, codec }: CheckedContract, body: Uint8Array, place: PayloadPlace): unknown {
  const unread = (cause: unknown): never => {
    throw unreadable('cannot be decoded', { ...place, at: 'decode' }, cause);
  };
  let decoded: unknown;
  try {
    // The bytes may be needed again, for another try or the dead letter, and what a handler has is the handler's.
    decoded = codec.decode(codec === json ? body : body.slice());
  } catch (cause) {
    return unread(cause);
  }
  if (isThenable(decoded)) return Promise.resolve(decoded).then((value) => check(schema, value, place), unread);
  return check(schema, decoded, place);
}

/** What the schema makes of `payload`; a promise only where the schema answers later. */
function check(schema: StandardSchemaV1, payload: unknown, place: PayloadPlace): unknown {
  const unjudged = (cause: unknown): never => {
    throw unreadable('cannot be judged by its schema', { ...place, at: 'schema' }, cause);
  };
  let validated: Validated | Promise<Validated>;
  try {
    validated = validate(schema, payload);
  } catch (cause) {
    return unjudged(cause);
  }
  return isThenable(validated) ? validated.then((late) => fitting(late, place), unjudged) : fitting(validated, place);
}

function fitting(validated: Validated, place: PayloadPlace): unknown {
  if ('problems' in validated) throw unfit('does not fit its schema', place, validated.problems);
  return validated.value;
}

function unfit(what: string, { target, destination }: PayloadPlace, problems: readonly Problem[]): TracewrightError {
  const message = `a payload of ${target} ${what}:\n${problemsText(problems)}`;
  return asContent(new TracewrightError('TW_BAD_PAYLOAD', message, { data: { target, destination, at: 'schema', problems } }));
}

function unreadable(
  what: string,
  { at, ...place }: PayloadPlace & { readonly at: 'encode' | 'decode' | 'schema' },
  cause: unknown,
): TracewrightError {
  const message = `a payload of ${place.target} ${what}: ${messageOf(cause)}`;
  return asContent(new TracewrightError('TW_BAD_PAYLOAD', message, { data: { ...place, at }, cause }));
}
