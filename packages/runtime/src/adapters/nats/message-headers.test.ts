import { headers as natsHeaders } from '@nats-io/nats-core';
import { inspect } from 'node:util';
import { isTracewrightError } from 'tracewright';
import { expect, test } from 'vitest';
import { bytesOf, decodeHeaders, encodeHeaders } from './message-headers.ts';

test.each(['a b', 'a:b', 'a\r\nb', 'ü', '', 'Nats-Msg-Id', 'nats-expected-stream', 'tracewright-key', 'Tracewright-Id'])(
  'a header with the name %j is refused, and its value not shown',
  (name) => {
    let found: unknown;
    try {
      encodeHeaders('orders', { id: 'm-1', headers: { [name]: 'secret' } });
    } catch (error) {
      found = error;
    }
    expect(isTracewrightError(found, 'TW_BAD_OPTION')).toBe(true);
    expect(inspect(found)).not.toContain('secret');
  },
);

test('line ends in values, keys and ids cannot become headers of their own', () => {
  const evil = 'x\r\nNats-Rollup: all';
  const encoded = encodeHeaders('orders', { id: evil, key: evil, headers: { evil } });
  expect([...encoded].flatMap(([, values]) => values).filter((value) => /[\r\n]/.test(value))).toEqual([]);
  expect(decodeHeaders(encoded, 'orders:1')).toEqual({ id: evil, key: evil, headers: { evil } });
});

test('the size of headers is what the client sends', () => {
  const encoded = encodeHeaders('orders', { id: 'm-1', key: 'Käse', headers: { one: '1', umlauts: 'ü' } });
  const sent = [...encoded].map(([name, [value]]) => `${name}: ${value}\r\n`).join('');
  expect(bytesOf(encoded)).toBe(Buffer.byteLength(`NATS/1.0\r\n${sent}\r\n`));
});

test('a message of another program has the id that NATS knows, or its place, and its values as they are', () => {
  const given = natsHeaders();
  given.append('discount', '100%');
  given.append('twice', 'a');
  given.append('twice', 'b');
  expect(decodeHeaders(given, 'orders:1')).toEqual({ id: 'orders:1', key: undefined, headers: { discount: '100%', twice: 'a, b' } });
  given.set('Nats-Msg-Id', 'theirs');
  expect(decodeHeaders(given, 'orders:1').id).toBe('theirs');
  expect(decodeHeaders(undefined, 'orders:1')).toEqual({ id: 'orders:1', key: undefined, headers: {} });
});
