import { setTimeout as sleep } from 'node:timers/promises';
import { type LifecycleBody, TracewrightError } from 'tracewright';
import { recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';

const hourMs = 3_600_000;

const bodies: [string, LifecycleBody][] = [
  [
    'throws the reason of grace',
    (l) => l.run('wait', () => sleep(hourMs, undefined, { signal: l.grace }).catch(() => Promise.reject(l.grace.reason))),
  ],
  ['throws the AbortError of what it waited for with grace', (l) => l.run('wait', () => sleep(hourMs, undefined, { signal: l.grace }))],
  [
    'throws an error that wraps it',
    (l) =>
      l.run('wait', () =>
        sleep(hourMs, undefined, { signal: l.grace }).catch((cause: unknown) => Promise.reject(new Error('left', { cause }))),
      ),
  ],
];

test.each(bodies)('an operation that waits with grace and %s when the lifecycle stops is cancelled by the shutdown', async (_, body) => {
  using traces = recordTraces();
  const handle = traces.runtime().lifecycle('app', body);
  await handle.stop();
  await expect(handle.done).resolves.toMatchObject({ status: 'stopped' });
  expect(traces.find('wait').attributes).toMatchObject({ 'tracewright.outcome': 'cancelled', 'tracewright.cancelled_by': 'shutdown' });
});

test('an AbortError whose cause is a time-out of ours is cancelled by that', async () => {
  using traces = recordTraces();
  const cause = new TracewrightError('TW_TIMEOUT', 'too slow');
  const body = (): Promise<never> => Promise.reject(Object.assign(new Error('', { cause }), { name: 'AbortError' }));
  await expect(traces.runtime().run('call', body)).rejects.toMatchObject({ name: 'AbortError' });
  expect(traces.find('call').attributes).toMatchObject({ 'tracewright.outcome': 'cancelled', 'tracewright.cancelled_by': 'timeout' });
});

test.each([
  ['an AbortError without a cause', () => new DOMException('', 'AbortError')],
  [
    'an error of its own that wraps a cancellation',
    () => new Error('no', { cause: new TracewrightError('TW_CANCELLED', 'left', { data: { by: 'shutdown' } }) }),
  ],
])('%s, of work that nobody has cancelled, is a failure', async (_, makeError) => {
  using traces = recordTraces();
  const body = (): Promise<never> => Promise.reject(makeError());
  await traces
    .runtime()
    .run('call', body)
    .catch(() => undefined);
  expect(traces.find('call').attributes['tracewright.outcome']).toBe('error');
});
