import { expect, test } from 'vitest';
import { plantCanaries } from './canary.ts';

const canaries = plantCanaries(['prompt', 'token']);
const { prompt, token } = canaries.values;

test('what holds no marker gives nothing', () => {
  expect(canaries.search('prompt, token, canary')).toEqual([]);
});

test('each plant makes markers of its own', () => {
  const [again] = [plantCanaries(['prompt'])];
  expect(again.values.prompt).not.toBe(prompt);
  expect(again.search(prompt)).toEqual([]);
});

test('markers are found by name, in text and in bytes', () => {
  expect(canaries.search(`a ${token} b ${prompt}`)).toEqual([
    { name: 'prompt', form: 'plain' },
    { name: 'token', form: 'plain' },
  ]);
  expect(canaries.search(new TextEncoder().encode(`\u0000${prompt}`))).toEqual([{ name: 'prompt', form: 'plain' }]);
});

const encoded: readonly (readonly [how: string, form: string, text: string])[] = [
  ['base64', 'base64', Buffer.from(prompt).toString('base64')],
  ['base64 one byte later', 'base64', Buffer.from(`a${prompt}b`).toString('base64')],
  ['base64 two bytes later', 'base64', Buffer.from(`ab${prompt}cde`).toString('base64')],
  ['base64 for URLs', 'base64', Buffer.from(`ab${prompt}cde`).toString('base64url')],
  ['a query', 'url', `?q=${encodeURIComponent(prompt)}`],
  ['a form', 'url', new URLSearchParams({ q: prompt }).toString()],
  ['a whole URL', 'url', encodeURI(`https://example.test/${prompt}`)],
  ['JSON', 'json', JSON.stringify({ prompt: `say ${prompt}` })],
  ['JSON with escaped slashes', 'json', JSON.stringify(prompt).replaceAll('/', '\\/')],
  ['hex', 'hex', Buffer.from(`xy${prompt}`).toString('hex')],
  ['upper-case hex', 'hex', Buffer.from(prompt).toString('hex').toUpperCase()],
  ['JSON in JSON', 'part', JSON.stringify(JSON.stringify(prompt))],
  ['a cut copy', 'part', prompt.slice(0, -1)],
];

test.each(encoded)('a marker in %s is found as %s', (_how, form, text) => {
  expect(canaries.search(text)).toEqual([{ name: 'prompt', form }]);
});

test('a marker that is there in two forms is found twice', () => {
  expect(canaries.search(`${token} ${Buffer.from(token).toString('hex')}`)).toEqual([
    { name: 'token', form: 'plain' },
    { name: 'token', form: 'hex' },
  ]);
});

test('equal names are refused', () => {
  expect(() => plantCanaries(['a', 'a'])).toThrow(expect.objectContaining({ code: 'TW_BAD_OPTION' }));
});

test.each([
  ['a JSON web token', (value: string) => `h.${Buffer.from(JSON.stringify({ email: value })).toString('base64url')}.s`],
  ['JSON in hex', (value: string) => Buffer.from(JSON.stringify(value)).toString('hex')],
  ['a URL in base64', (value: string) => Buffer.from(encodeURIComponent(value)).toString('base64')],
  ['its first 26 characters', (value: string) => value.slice(0, 26)],
  ['capital letters', (value: string) => value.toUpperCase()],
])('a marker is found in part in %s', (_, hide) => {
  const planted = plantCanaries(['email']);
  expect(planted.search(hide(planted.values.email))).toEqual([{ name: 'email', form: 'part' }]);
});
