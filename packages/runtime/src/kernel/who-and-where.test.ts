import { inspect } from 'node:util';
import { agent, type IdentityChange, Secret, service, user } from 'tracewright';
import { recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';

const who = ({ attributes }: { attributes: Readonly<Record<string, unknown>> }): unknown[] => [
  attributes['execution.context'],
  attributes['caller.id'],
];

test('G5: work runs as the service until somebody is named, and below that as the same', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime({ service: { name: 'desk', principalId: 'desk-1' } });
  await runtime.run('as service', () => 1);
  await runtime.run('as user', (scope) => scope.run('below', () => 1), { as: user('ada') });
  expect(traces.spans.map(who)).toEqual([
    ['service', 'desk-1'],
    ['user', 'ada'],
    ['user', 'ada'],
  ]);
});

test('G5: an agent is the caller, and the spans say for whom it acts', async () => {
  using traces = recordTraces();
  const assistant = agent('assistant', { for: agent('planner', { for: user('ada') }) });
  await traces.runtime().run('plan', () => 1, { as: assistant });
  expect(traces.find('plan').attributes).toEqual({
    'execution.context': 'agent',
    'caller.id': 'assistant',
    'tracewright.caller.for': 'ada',
    'tracewright.caller.chain': ['agent:assistant', 'agent:planner', 'user:ada'],
  });
});

test('G5: the development fallback is marked where it is, and nowhere else', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  await runtime.run('fallback', (scope) => scope.run('below', () => 1), { as: service('desk', { developmentFallback: true }) });
  await runtime.run('plain', () => 1);
  expect(traces.spans.map(({ name, attributes }) => [name, attributes['execution.obo_dev_fallback']])).toEqual([
    ['fallback', true],
    ['below', true],
    ['plain', undefined],
  ]);
  expect(traces.find('plain').attributes).not.toHaveProperty('execution.obo_dev_fallback');
});

test('G5: a hundred callers at once never mix', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  const load = runtime.define('load', async (scope) => {
    await Promise.resolve();
    await scope.run('inner', async () => {
      await Promise.resolve();
    });
  });
  await Promise.all(
    Array.from({ length: 100 }, (_, index) =>
      runtime.run(`request ${index}`, () => load(), {
        as: index % 3 === 0 ? service('desk', { developmentFallback: true }) : user(`user-${index}`),
      }),
    ),
  );
  const byTrace = new Map<string, Set<string>>();
  for (const span of traces.spans)
    byTrace.set(
      span.traceId,
      (byTrace.get(span.traceId) ?? new Set()).add(JSON.stringify([who(span), span.attributes['execution.obo_dev_fallback']])),
    );
  expect([byTrace.size, ...new Set([...byTrace.values()].map(({ size }) => size))]).toEqual([100, 1]);
});

test.each<[string, IdentityChange | undefined, Record<string, unknown>]>([
  ['is inherited', undefined, { 'component.name': 'pong', 'plugin.name': 'sales' }],
  [
    'is extended',
    { extend: { 'component.name': 'ping', 'session.id': 's1' } },
    { 'component.name': 'ping', 'plugin.name': 'sales', 'session.id': 's1' },
  ],
  ['is replaced', { replace: { 'session.id': 's1' } }, { 'session.id': 's1' }],
  ['is cleared', 'clear', {}],
])('G5: identity %s', async (_, identity, expected) => {
  using traces = recordTraces();
  const outer = { replace: { 'component.name': 'pong', 'plugin.name': 'sales' } };
  await traces.runtime().run(
    'outer',
    (scope) =>
      scope.run(
        'inner',
        (inner) => {
          expect(inner.identity).toEqual(expected);
          traces.tracer('library').startSpan('library call').end();
        },
        { identity },
      ),
    { identity: outer },
  );
  for (const name of ['inner', 'library call'])
    expect(traces.find(name).attributes).toEqual({ ...expected, 'execution.context': 'service', 'caller.id': 'service' });
});

test('G5: a value that the author sets wins over the identity', async () => {
  using traces = recordTraces();
  await traces
    .runtime()
    .run({ name: 'work', attributes: { 'component.name': 'mine' } }, () => 1, { identity: { extend: { 'component.name': 'outer' } } });
  expect(traces.find('work').attributes['component.name']).toBe('mine');
});

test('G5: samplers see who and where, and attribute limits cut other values first', async () => {
  const seen: unknown[] = [];
  const sampler = {
    shouldSample: (...[, , , , attributes]: unknown[]) => {
      seen.push(attributes);
      return { decision: 2 };
    },
    toString: () => 'all',
  };
  using traces = recordTraces({ sampler, spanLimits: { attributeCountLimit: 4 } });
  const attributes = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`value ${index}`, index]));
  await traces.runtime().run({ name: 'work', attributes }, (scope) => scope.set({ late: true }), {
    as: user('ada'),
    identity: { extend: { 'component.name': 'pong' } },
  });
  expect(seen[0]).toMatchObject({ 'component.name': 'pong', 'execution.context': 'user', 'caller.id': 'ada' });
  expect(traces.find('work').attributes).toEqual({
    'component.name': 'pong',
    'execution.context': 'user',
    'caller.id': 'ada',
    'value 0': 0,
  });
});

test('G5: however large the identity, the limit of attributes cuts it before the caller', async () => {
  using traces = recordTraces();
  const extend = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`place ${index}`, index]));
  await traces
    .runtime()
    .run('work', () => traces.tracer('library').startSpan('library call').end(), { as: user('ada'), identity: { extend } });
  for (const name of ['work', 'library call'])
    expect(traces.find(name).attributes).toMatchObject({ 'execution.context': 'user', 'caller.id': 'ada' });
});

test('G7: nothing shows a secret but reveal', async () => {
  const secret = new Secret('s3cr3t');
  const shown = [
    String(secret),
    JSON.stringify({ secret }),
    inspect(secret, { showHidden: true, depth: 9 }),
    inspect({ deep: [secret] }),
    Object.keys(secret).join(),
    JSON.stringify(structuredCloneOrNothing(secret)),
  ];
  expect(shown.join(' ')).not.toContain('s3cr3t');
  expect(secret.reveal()).toBe('s3cr3t');
});

function structuredCloneOrNothing(value: unknown): unknown {
  try {
    return structuredClone(value);
  } catch {
    return 'refused';
  }
}

test('G7: credentials and e-mail of a user reach no exported byte', async () => {
  using traces = recordTraces();
  const ada = user('ada', { email: 'ada@example.org', credentials: { token: 'tok-12345' } });
  await traces.runtime().run(
    'work',
    (scope) => {
      scope.set({ principal: scope.principal.kind });
    },
    { as: ada },
  );
  const bytes = Buffer.from(traces.export()).toString('latin1');
  expect(bytes).toContain('caller.id');
  expect(bytes).not.toContain('tok-12345');
  expect(bytes).not.toContain('ada@example.org');
  expect(JSON.stringify(ada) + inspect(ada, { depth: 9 })).not.toContain('tok-12345');
});
