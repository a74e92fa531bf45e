import { TracewrightError } from 'tracewright';
import { expect, test } from 'vitest';
import { isRetryable } from './retryable.ts';

const failed = (properties: object): Error => Object.assign(new Error('failed'), properties);

/** As libraries write it: a property of the class. */
class Throttled extends Error {
  get retryable(): boolean {
    return true;
  }
}

test.each([
  ['an error without any sign', new Error('reset'), true],
  ['an error with a code', failed({ code: 'ECONNRESET' }), true],
  ['an abort that nobody here asked for', new DOMException('gone', 'AbortError'), true],
  ['text', 'reset', true],
  ['nothing', undefined, true],
  ['null', null, true],
  ['a failed fetch', new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') }), true],
  ['a mistake of type', new TypeError('x is not a function'), false],
  ['a mistake of reference', new ReferenceError('x is not defined'), false],
  ['a mistake of syntax', new SyntaxError('unexpected token'), false],
  ['a mistake of range', new RangeError('invalid array length'), false],
])('without more to go by: %s', (_, error, expected) => {
  expect(isRetryable(error)).toBe(expected);
});

test('an error that cannot be read is not tried again', () => {
  const hostile = new Proxy(new Error('hostile'), {
    get() {
      throw new Error('cannot be read');
    },
  });
  expect(isRetryable(hostile)).toBe(false);
});

test.each([408, 425, 429, 500, 502, 503, 504])('status %d passes, so it is tried again', (status) => {
  expect([failed({ status }), failed({ statusCode: status }), failed({ response: { status } })].map(isRetryable)).toEqual([
    true,
    true,
    true,
  ]);
});

test.each([400, 401, 403, 404, 409, 422, 499, 501, 505, 511])('status %d does not pass, so it is not tried again', (status) => {
  expect([failed({ status }), failed({ statusCode: status }), failed({ response: { status } })].map(isRetryable)).toEqual([
    false,
    false,
    false,
  ]);
});

test.each([0, 200, 302, 600, 503.5, '404', 'error', null])('%j is no status of a failure and tells nothing', (status) => {
  expect(isRetryable(failed({ status }))).toBe(true);
});

test('the first status that is one counts', () => {
  expect(isRetryable(failed({ status: 'error', statusCode: 404 }))).toBe(false);
  expect(isRetryable(failed({ status: 0, response: { status: 501 } }))).toBe(false);
});

test('what an error says of itself comes before all that it looks like', () => {
  expect(isRetryable(failed({ retryable: true, status: 404 }))).toBe(true);
  expect(isRetryable(failed({ retryable: false, status: 503 }))).toBe(false);
  expect(isRetryable(Object.assign(new TypeError('x'), { retryable: true }))).toBe(true);
  expect(isRetryable(Object.assign(new TracewrightError('TW_BLOCKED', 'x'), { retryable: true }))).toBe(true);
  expect(isRetryable(new Throttled('slow down'))).toBe(true);
  // Not an answer, so the status is asked.
  expect(isRetryable(failed({ retryable: 'no', status: 503 }))).toBe(true);
});

test('of our own errors only a time-out is tried again', () => {
  expect(isRetryable(new TracewrightError('TW_TIMEOUT', 'x'))).toBe(true);
  for (const code of ['TW_BLOCKED', 'TW_CANCELLED', 'TW_BREAKER_OPEN', 'TW_LIMITED', 'TW_BAD_OPTION', 'TW_SCOPE_ENDED'] as const)
    expect(isRetryable(new TracewrightError(code, 'x'))).toBe(false);
});
