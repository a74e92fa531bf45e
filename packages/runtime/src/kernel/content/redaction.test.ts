import { agent, type Principal, service, user } from 'tracewright';
import { plantCanaries } from 'tracewright/testing';
import { expect, test } from 'vitest';
import { hideCredentials, secretsOf } from './redaction.ts';
import { mayHoldCredentials } from './redaction-shapes.ts';
import { Secret } from '../secret.ts';

const token = 'tok_live/0123 "ä"+~abcdef';

function hide(text: string, credentials: unknown): string {
  return hideCredentials(text, secretsOf(user('ada', { credentials })));
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const base64url = (text: string): string => Buffer.from(text).toString('base64url');

const forms: readonly (readonly [how: string, text: (secret: string) => string])[] = [
  ['as it is', (secret) => secret],
  ['URL-encoded', (secret) => encodeURIComponent(secret)],
  ['URL-encoded in lower case', (secret) => encodeURIComponent(secret).replaceAll(/%../g, (escape) => escape.toLowerCase())],
  ['encoded as a form', (secret) => encodeURIComponent(secret).replaceAll('%20', '+')],
  ['encoded by URLSearchParams', (secret) => new URLSearchParams({ x: secret }).toString().slice(2)],
  [
    'encoded by URLSearchParams in lower case',
    (secret) =>
      new URLSearchParams({ x: secret })
        .toString()
        .slice(2)
        .replaceAll(/%../g, (escape) => escape.toLowerCase()),
  ],
  ['encoded as a whole URL', (secret) => encodeURI(secret)],
  ['in JSON', (secret) => JSON.stringify(secret).slice(1, -1)],
  ['in JSON with escaped slashes', (secret) => JSON.stringify(secret).slice(1, -1).replaceAll('/', '\\/')],
  ['in hex', (secret) => Buffer.from(secret).toString('hex')],
  ['in upper-case hex', (secret) => Buffer.from(secret).toString('hex').toUpperCase()],
];

test.each(forms)('G7: a credential %s is replaced, each time it occurs', (_, form) => {
  const text = form(token);
  expect(hide(`a${text}b${text}c`, token)).toBe('a[credentials]b[credentials]c');
});

test.each(forms)('G7: a credential without a long ordinary part, %s, is replaced', (_, form) => {
  const password = "S3cret!Pass~wo'rd";
  expect(hide(`a${form(password)}b`, { password })).toBe('a[credentials]b');
});

test.each([
  ['at the begin', ''],
  ['one byte later', '.'],
  ['two bytes later', '..'],
])('G7: a credential in base64, %s, is replaced but for the digits that it shares with its neighbours', (_, before) => {
  for (const encode of [base64, base64url]) {
    const shown = hide(encode(`${before}${token}..`), token);
    expect(shown).toMatch(/^\w{0,4}\[credentials\]\w{0,4}={0,2}$/);
  }
});

test('G7: no marker in the credentials is found in any form', () => {
  const { values, search } = plantCanaries(['plain', 'nested', 'header']);
  const { plain, nested, header } = values;
  const secrets = secretsOf(user('ada', { credentials: { plain, more: { nested: new Secret(nested) }, headers: [`Bearer ${header}`] } }));
  const encoded = (value: string): string[] => [
    ...forms.map(([, form]) => form(value)),
    ...['', 'a', 'ab'].flatMap((before) => [base64(`${before}${value}z`), base64url(`${before}${value}z`)]),
    new URLSearchParams({ q: value }).toString(),
  ];
  const text = [plain, nested, header].flatMap(encoded).join('\n');
  expect(search(text)).not.toEqual([]);
  expect(search(hideCredentials(text, secrets))).toEqual([]);
});

test.each([
  ['JSON in JSON', (value: string) => JSON.stringify(JSON.stringify(JSON.stringify({ value })))],
  ['a JSON web token', (value: string) => base64url(JSON.stringify({ value }))],
  ['JSON in hex', (value: string) => Buffer.from(JSON.stringify({ value })).toString('hex')],
  ['HTML', (value: string) => value.replaceAll('"', '&quot;')],
  ['a URL in a URL', (value: string) => encodeURIComponent(encodeURIComponent(value))],
])('G7: of a credential that is escaped twice, the long part that no escaping changes is replaced: %s', (_, escape) => {
  const { values, search } = plantCanaries(['token']);
  const text = escape(values.token);
  expect(search(text)).not.toEqual([]);
  expect(search(hide(text, values.token))).toEqual([]);
});

test('words and names in a credential are not replaced where they stand alone', () => {
  const text = 'authorization_code at login.example-2.com';
  expect(hide(text, { issuer: 'https://login.example-2.com/realm', grant: 'authorization_code grant' })).toBe(text);
});

test('G7: of a credential that holds another, nothing is left', () => {
  expect(hide('long-secret-with-tail and long-secret', ['long-secret', 'long-secret-with-tail'])).toBe('[credentials] and [credentials]');
});

test('strings of fewer than eight characters are no secrets', () => {
  expect(hide('1234567 12345678', ['1234567', '12345678'])).toBe('1234567 [credentials]');
});

test('a token is known without the scheme that its header has', () => {
  expect(hide('it was 0123456789', { authorization: 'Bearer 0123456789' })).toBe('it was [credentials]');
});

const deep = { a: { b: { c: 'third-level', d: { e: 'fourth-level' } } } };
const many = Array.from({ length: 20 }, (_, index) => `secret-${index}-of-20`);
class Client {
  readonly apiKey = 'api-key-of-client';
}

test.each<[string, credentials: unknown, texts: [before: string, after: string]]>([
  ['objects three deep, and no deeper', deep, ['third-level fourth-level', '[credentials] fourth-level']],
  ['sixteen strings, and no more', many, ['secret-15-of-20 secret-16-of-20', '[credentials] secret-16-of-20']],
  ['maps and sets', new Map([['a', new Set(['in-a-set'])]]), ['in-a-set', '[credentials]']],
  ['class instances', new Client(), ['api-key-of-client', '[credentials]']],
  ['secrets in secrets', new Secret(new Secret('twice-secret')), ['twice-secret', '[credentials]']],
  ['half a surrogate pair', 'half \uD83D of a pair', ['half \uD83D of a pair', '[credentials]']],
  ['headers', new Headers({ 'x-api-key': 'key-in-a-header' }), ['key-in-a-header', '[credentials]']],
  ['bytes, as the text that they stand for', Buffer.from('bytes-of-something'), ['bytes-of-something', '[credentials]']],
  ['no numbers', 1234567890, ['1234567890', '1234567890']],
])('credentials are looked for in %s', (_, credentials, [before, after]) => {
  expect(hide(before, credentials)).toBe(after);
});

test('G9: credentials that cannot be read or never end hide what can be read', () => {
  const cyclic: Record<string, unknown> = { token: 'readable-token' };
  cyclic['self'] = cyclic;
  const getter = {
    get broken(): string {
      throw new Error('no');
    },
    token: 'readable-token',
  };
  const proxy = new Proxy(
    {},
    {
      ownKeys: () => {
        throw new Error('no');
      },
    },
  );
  for (const credentials of [cyclic, getter, [proxy, 'readable-token']])
    expect(hide('a readable-token', credentials)).toBe('a [credentials]');
});

test('the secrets are those of the user at the end of the chain, and found once', () => {
  const ada = user('ada', { credentials: 'ada-secret' });
  const chain = agent('outer', { for: agent('inner', { for: ada }) });
  expect(secretsOf(chain)).toBe(secretsOf(ada));
  expect(secretsOf(ada)?.hide('ada-secret')).toBe('[credentials]');
});

test('credentials are not looked into before there is a text to search', () => {
  let reads = 0;
  const credentials = {
    get token(): string {
      reads += 1;
      return 'lazy-token';
    },
  };
  const secrets = secretsOf(user('ada', { credentials }));
  expect(reads).toBe(0);
  expect([secrets?.hide('lazy-token'), secrets?.hide('lazy-token')]).toEqual(['[credentials]', '[credentials]']);
  expect(reads).toBe(1);
});

test.each<[string, Principal]>([
  ['a service', service('api')],
  ['a user without credentials', user('ada')],
  ['an agent for a service', agent('bot', { for: service('api') })],
])('%s has no secrets', (_, principal) => {
  expect(secretsOf(principal)).toBeUndefined();
});

const shapes: readonly (readonly [text: string, expected: string])[] = [
  ['postgres://ada:pass@db.example:5432/orders', 'postgres://[credentials]@db.example:5432/orders'],
  ['see https://ada:pass@host and redis://:pass@cache:6379.', 'see https://[credentials]@host and redis://[credentials]@cache:6379.'],
  ['mongodb://ada:p%40ss@one:1,two:2/x?a=b', 'mongodb://[credentials]@one:1,two:2/x?a=b'],
  ['https://token-alone@github.com/x.git', 'https://[credentials]@github.com/x.git'],
  ['amqp://ada:p@ss@host', 'amqp://[credentials]@host'],
  ["mysql://ada:pa'ss@host", 'mysql://[credentials]@host'],
  ['postgres://ada:pa/ss@host/db', 'postgres://[credentials]@host/db'],
  ['postgres://ada:pa#s?s@host/db', 'postgres://[credentials]@host/db'],
  ['"dsn":"https://a:b@c"', '"dsn":"https://[credentials]@c"'],
  ['x://[credentials]@host', 'x://[credentials]@host'],
  ['Authorization: Bearer abc.def-ghi_jkl', 'Authorization: Bearer [credentials]'],
  ['authorization: bearer abc', 'authorization: bearer [credentials]'],
  ['BEARER   abc, BEARER def', 'BEARER   [credentials], BEARER [credentials]'],
  ['{"authorization":"Bearer abc"}', '{"authorization":"Bearer [credentials]"}'],
  ['curl -H "Authorization: Basic YWRhOnBhc3N3b3Jk" x', 'curl -H "Authorization: Basic [credentials]" x'],
  ['basic dTpw', 'basic [credentials]'],
  ['Basic !unusual!', 'Basic [credentials]'],
  ["Bearer '1|laravel'", "Bearer '[credentials]'"],
  ['Bearer [credentials]', 'Bearer [credentials]'],
  [`${'x'.repeat(600)} https://ada:pass@host`, `${'x'.repeat(600)} https://[credentials]@host`],
];

test.each(shapes)('G7: a credential is known by its form: %s', (text, expected) => {
  expect(hideCredentials(text, undefined)).toBe(expected);
  expect(hideCredentials(expected, undefined)).toBe(expected);
});

test.each([
  'https://example.com/users/@ada?email=ada@example.com#x@y',
  'https://example.com:8080/path and ada@example.com',
  'npm://@scope/package',
  'http://[::1]:3000/@x',
  'the bearer token expired',
  'Bearer realm="api", error="invalid_token"',
  'Missing Bearer token.',
  'Basic authentication failed, on the Basic plan, in Visual Basic 6.0',
  'forbearer abc',
  'basically nothing',
  'Bearer',
  'Bearer <token>',
  'ada@example.com://',
])('ordinary text stays as it is: %s', (text) => {
  expect(hideCredentials(text, undefined)).toBe(text);
});

test('a text that was ordinary before is told from one that is not', () => {
  const texts = ['Bearer abcdef', 'Barely abcdef', 'a://b:c@host', 'a://b:c_host'];
  for (let round = 0; round < 3; round += 1) expect(texts.map(mayHoldCredentials)).toEqual([true, false, true, false]);
});

test('G7: user information that is cut before its end is no host', () => {
  expect(hideCredentials(`https://ada:${'p'.repeat(600)}`, undefined)).toBe('https://[credentials]');
});

test.each([
  ['schemes', '://'],
  ['hosts', 'a://b/'],
  ['passwords with slashes', 'a://b:c/'],
  ['signs', '@'],
  ['colons', ':'],
  ['spaces', 'basic      '],
  ['letters', 'basicaaaa'],
  ['words', 'basic words in basic '],
])('64 KB of %s that only look like credentials stay as they are', (_, part) => {
  const text = `${part.repeat(Math.ceil(65_536 / part.length))} , x@y ://`;
  // Not `toBe`: a failure would print it all.
  expect(hideCredentials(text, undefined) === text).toBe(true);
});

test.each([
  ['URLs', 'a://b:c@d/', 'a://[credentials]@d/'],
  ['tokens', 'basic dTpw ', 'basic [credentials] '],
  ['words', 'bearer of ', 'bearer [credentials] '],
])('G7: every credential in 64 KB of %s is replaced', (_, part, expected) => {
  const count = Math.ceil(65_536 / part.length);
  expect(hideCredentials(part.repeat(count), undefined) === expected.repeat(count)).toBe(true);
});
