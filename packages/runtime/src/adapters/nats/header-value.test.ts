import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeHeaderValue, encodeHeaderValue } from './header-value.ts';

test('any well-formed text comes back as it was, and is one line of printable ASCII on its way', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const value = encodeHeaderValue(text);
      expect(value).toMatch(/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/);
      expect(decodeHeaderValue(value)).toBe(text);
    }),
  );
});

test.each([
  ['00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'],
  ['50% off', '50% off'],
  ['', "UTF-8''"],
  [' padded', "UTF-8''%20padded"],
  ['Käse', "UTF-8''K%C3%A4se"],
  ['a\r\nNats-Rollup: all', "UTF-8''a%0D%0ANats-Rollup%3A%20all"],
  ["UTF-8''plain", "UTF-8''UTF-8%27%27plain"],
  ['half \ud83d', "UTF-8''half%20%EF%BF%BD"],
])('%j is written as %j', (text, value) => expect(encodeHeaderValue(text)).toBe(value));

test('a value that only looks encoded is left as it is', () => expect(decodeHeaderValue("UTF-8''100%")).toBe("UTF-8''100%"));
