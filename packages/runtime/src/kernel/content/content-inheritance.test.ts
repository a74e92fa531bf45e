import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { recordTraces } from '../../testing/index.ts';
import { user } from '../principal.ts';
import type { Scope } from '../scope.ts';

const chat = { name: 'chat', carriesContent: true } as const;

const fail = (text: string) => (): never => {
  throw new Error(text);
};

test('G7: what runs inside work that carries content carries it too, detached work included', async () => {
  using traces = recordTraces();
  await traces
    .runtime()
    .run(chat, async (scope) => {
      await scope
        .detach()
        .run('detached', fail('a prompt'))
        .catch(() => undefined);
      await scope.run('http', fail('a prompt'));
    })
    .catch(() => undefined);
  expect(inspect(traces.spans, { depth: 8 })).not.toContain('a prompt');
  expect(traces.find('http').status).toMatchObject({ code: 'ERROR', message: 'Error' });
});

test('G7: what runs beside work that carries content keeps its messages', async () => {
  using traces = recordTraces();
  await traces
    .runtime()
    .run('request', async (scope) => {
      await scope.run(chat, () => 'an answer');
      await scope.run('http', fail('no route'));
    })
    .catch(() => undefined);
  expect(traces.find('http').status).toMatchObject({ message: 'no route' });
});

test('G7: credentials of the user are hidden in work that the service does for her', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  const ada = user('ada', { credentials: 'token-of-ada-17' });
  const leak = (scope: Scope): void => scope.set({ url: 'https://x.example/?t=token-of-ada-17' });
  await runtime.run(
    'request',
    async (scope) => {
      await scope.run('as the service', leak, { as: runtime.scope.principal });
      const { principal } = runtime.scope;
      await scope.as(user('bob')).run('as bob', leak);
      await scope.run({ name: 'in an attribute', attributes: { url: 'token-of-ada-17' } }, () => undefined, { as: user(principal.id) });
    },
    { as: ada },
  );
  expect(inspect(traces.spans, { depth: 8 })).not.toContain('token-of-ada-17');
  expect(traces.find('as the service').attributes['url']).toBe('https://x.example/?t=[credentials]');
});
