import { headers as natsHeaders } from '@nats-io/nats-core';
import { inspect } from 'node:util';
import { isTracewrightError } from 'tracewright';
import { expect, test } from 'vitest';
import { bytesOf, decodeHeaders, encodeHeaders, headersOf } from './message-headers.ts';

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

test('trace context of other programs is read however they write it; other names stay as they are', () => {
  const given = natsHeaders();
  given.append('Traceparent', '00-1');
  given.append('Content-Type', 'application/json');
  given.append('X-Shop', 'north');
  expect(decodeHeaders(given, 'orders:1').headers).toEqual({ traceparent: '00-1', 'content-type': 'application/json', 'X-Shop': 'north' });
});

test('headers that the client cannot read are none', () => {
  const message = {
    get headers(): never {
      throw new Error('invalid header name');
    },
  };
  expect(headersOf(message)).toBeUndefined();
});

test('dead letters of two destinations in one grave are two, also where their messages have one id', () => {
  const keys = ['orders', 'invoices'].map((origin) => {
    const headers = { 'tracewright-dead-letter-group': 'fp/till', 'tracewright-dead-letter-origin': origin };
    return encodeHeaders('graveyard', { id: 'A-1', headers }).get('Nats-Msg-Id');
  });
  expect(new Set(keys).size).toBe(2);
});
