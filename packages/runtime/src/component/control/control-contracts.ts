import type { StandardSchemaV1 } from '@standard-schema/spec';
import { isPlainObject } from '../../kernel/check.ts';
import type { Codec } from '../codec.ts';
import type { ReplicaStatus } from './replica-status.ts';

const encoder = new TextEncoder();
/** Strict: bytes that are no UTF-8 are no footprint. */
const decoder = new TextDecoder('utf-8', { fatal: true });

const utf8: Codec = Object.freeze({
  contentType: 'text/plain; charset=utf-8',
  encode: (payload: unknown): Uint8Array => encoder.encode(String(payload)),
  decode: (body: Uint8Array): unknown => decoder.decode(body),
});

/** A schema of our own: no library is asked for where one word says it. */
function schemaOf<T>(expected: string, is: (value: unknown) => value is T): StandardSchemaV1<T, T> {
  return {
    '~standard': {
      version: 1,
      vendor: 'tracewright',
      validate: (value) => (is(value) ? { value } : { issues: [{ message: `expected ${expected}` }] }),
    },
  };
}

/**
 * What goes over the control topic: the text of a footprint, as `parseFootprint` reads it, or `remove: <identifier>`. Publish it with the identifier as its key, so
 * that revisions of one footprint stay in order.
 */
export const orders = Object.freeze({ schema: schemaOf('a text', (value): value is string => typeof value === 'string'), codec: utf8 });

/** What comes over the status topic. */
export const statuses = schemaOf('a status of a replica', isStatus);

function isStatus(value: unknown): value is ReplicaStatus {
  return isPlainObject(value) && ['kind', 'replicaSet', 'replica', 'at'].every((name) => typeof value[name] === 'string');
}
