import { expect, test } from 'vitest';
import { retryAfterMs } from './retry-after.ts';

const now = Date.UTC(2026, 0, 1);
const inTenSeconds = 'Thu, 01 Jan 2026 00:00:10 GMT';

test.each([
  ['milliseconds', { retryAfterMs: 1500 }, 1500],
  ['seconds', { retryAfter: 2 }, 2000],
  ['seconds as text', { retryAfter: '2' }, 2000],
  ['parts of seconds', { retryAfter: '0.5' }, 500],
  ['a moment', { retryAfter: new Date(now + 10_000) }, 10_000],
  ['a date', { retryAfter: inTenSeconds }, 10_000],
  ['a date of the older form', { retryAfter: 'Thursday, 01-Jan-26 00:00:10 GMT' }, 10_000],
  ['a date as C writes it', { retryAfter: 'Thu Jan  1 00:00:10 2026' }, 10_000],
  ['a moment that has passed', { retryAfter: 'Wed, 31 Dec 2025 23:59:59 GMT' }, 0],
  ['no wait at all', { retryAfterMs: 0 }, 0],
  ['a wait without end', { retryAfterMs: Number.POSITIVE_INFINITY }, Number.POSITIVE_INFINITY],
  ['a header of fetch', { headers: new Headers({ 'Retry-After': ' 3 ' }) }, 3000],
  ['a header of Node', { headers: { 'retry-after': '3' } }, 3000],
  ['a header as it was sent', { headers: { 'Retry-After': ['3', '5'] } }, 3000],
  ['a header of the response', { response: new Response(null, { headers: { 'retry-after': inTenSeconds } }) }, 10_000],
  ['a header of the response of Node', { response: { headers: { 'retry-after': 4 } } }, 4000],
  ['the nearest of several', { retryAfterMs: 1, retryAfter: 2, headers: { 'retry-after': '3' } }, 1],
  ['the next of several, where one says nothing', { retryAfterMs: Number.NaN, retryAfter: 'soon', headers: { 'retry-after': '3' } }, 3000],
])('%s: %j', (_, error, expected) => {
  expect(retryAfterMs(error, now)).toBe(expected);
});

test.each([
  [undefined],
  [null],
  ['3'],
  [new Error('failed')],
  [{ retryAfterMs: '1500' }],
  [{ retryAfterMs: -1 }],
  [{ retryAfter: '-1' }],
  [{ retryAfter: '' }],
  [{ retryAfter: '1e3' }],
  [{ retryAfter: '2026x' }],
  [{ retryAfter: new Date(Number.NaN) }],
  [{ retryAfter: 'Thu, 99 Jan 2026 00:00:10 GMT' }],
  [{ headers: 'retry-after: 3' }],
  [{ headers: null }],
  [{ headers: new Headers() }],
  [{ response: { headers: {} } }],
  [{ response: 'Retry-After: 3' }],
])('%j asks for nothing', (error) => {
  expect(retryAfterMs(error, now)).toBeUndefined();
});

test('an error that throws when it is read asks for nothing', () => {
  const throws = (): never => {
    throw new Error('cannot be read');
  };
  for (const error of [
    Object.defineProperty(new Error('x'), 'retryAfterMs', { get: throws }),
    { headers: { get: throws } },
    { response: new Proxy({}, { has: throws }) },
    new Proxy({}, { get: throws }),
  ])
    expect(retryAfterMs(error, now)).toBeUndefined();
});

test('a property is read once, so that what was checked is what is used', () => {
  let reads = 0;
  const error = {
    get retryAfterMs() {
      reads += 1;
      return reads === 1 ? 5 : 'changed';
    },
  };
  expect([retryAfterMs(error, now), reads]).toEqual([5, 1]);
});
