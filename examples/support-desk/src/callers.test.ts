import { agent, service, user } from 'tracewright';
import { expect, test } from 'vitest';
import { packCaller, travellingCaller, unpackCaller } from './callers.ts';

const principals = [
  user('ada'),
  service('shop'),
  service('support-desk', { developmentFallback: true }),
  agent('mailbot', { for: user('ada') }),
  agent('helper', { for: agent('mailbot', { for: service('shop') }) }),
];

test.for(principals)('a principal arrives as it was sent: $kind $id', (principal) => {
  const text = JSON.stringify(packCaller(principal));
  expect(unpackCaller(travellingCaller.parse(JSON.parse(text)))).toEqual(principal);
});

test('neither e-mail nor credentials travel', () => {
  const text = JSON.stringify(packCaller(user('ada', { email: 'ada@example.org', credentials: 'let me in' })));
  expect(text).toBe('{"kind":"user","id":"ada","developmentFallback":false,"agents":[]}');
});
