import { inspect } from 'node:util';
import type { KafkaMessage } from 'kafkajs';
import { isTracewrightError } from 'tracewright';
import { expect, test } from 'vitest';
import { decodeRecord, encodeRecord } from './message-record.ts';

const plain: KafkaMessage = { key: null, value: null, timestamp: '-1', attributes: 0, offset: '7', headers: {} };
const body = new Uint8Array();

test.each([
  [{ id: '', body, headers: {} }],
  [{ id: 'm-1', body: 'secret', headers: {} }],
  [{ id: 'm-1', body, key: { secret: 'secret' }, headers: {} }],
  [{ id: 'm-1', body, headers: { a: { secret: 'secret' } } }],
  [{ id: 'm-1', body, headers: { 'tracewright-id': 'secret' } }],
])('a message of the wrong shape is refused, and its values are not shown (%#)', (message) => {
  let found: unknown;
  try {
    // A wrong value is the point.
    encodeRecord(message as unknown as Parameters<typeof encodeRecord>[0]);
  } catch (error) {
    found = error;
  }
  expect(isTracewrightError(found, 'TW_BAD_OPTION')).toBe(true);
  expect(inspect(found)).not.toContain('secret');
});

test('only the part of a buffer goes out that is the body', () => {
  const { value } = encodeRecord({ id: 'm-1', body: Buffer.from('whole').subarray(1, 3), headers: {} });
  expect(value?.toString()).toBe('ho');
});

test('a header may have any name', () => {
  const headers = JSON.parse('{"__proto__":"x","a":"b"}') as Record<string, string>; // It says so itself.
  expect(Object.keys(encodeRecord({ id: 'm-1', body, headers }).headers ?? {})).toEqual(['tracewright-id', '__proto__', 'a']);
});

test('a header that is called as something that every object has comes as it was published', () => {
  // The client reads them so.
  const headers = { constructor: [Object, Buffer.from('x')] } as unknown as NonNullable<KafkaMessage['headers']>;
  expect(decodeRecord({ ...plain, headers }, 'orders:3:7').headers).toEqual({ constructor: 'x' });
});

test('a message of another program has its place as its id, and headers without a value are empty', () => {
  const headers = { empty: null, none: undefined, many: [Buffer.from('a'), 'b'] };
  // The types of the client do not know headers without a value; Kafka does.
  const found = decodeRecord({ ...plain, headers: headers as unknown as NonNullable<KafkaMessage['headers']> }, 'orders:3:7');
  expect(found).toEqual({ id: 'orders:3:7', key: undefined, headers: { empty: '', none: '', many: 'a, b' }, publishedAt: undefined });
});

test('an empty key is a key, and no key is none', () => {
  expect(encodeRecord({ id: 'm-1', key: '', body, headers: {} }).key).toEqual(Buffer.alloc(0));
  expect(encodeRecord({ id: 'm-1', body, headers: {} }).key).toBeNull();
  expect(decodeRecord({ ...plain, key: Buffer.alloc(0) }, 'orders:3:7').key).toBe('');
});
