import { diag } from '@opentelemetry/api';
import { type Clock, type LifecycleBody, type LifecycleHandle, service } from 'tracewright';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';

/** A value whose reading throws, whatever is read. */
function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

const bodies: [string, LifecycleBody, string][] = [
  [
    'at once',
    () => {
      throw revoked();
    },
    'failed',
  ],
  ['later', () => Promise.resolve().then(() => Promise.reject(revoked())), 'failed'],
  ['from an operation', (l) => l.run('work', () => Promise.reject(revoked())), 'failed'],
  ['to fatal', (l) => l.fatal(revoked()), 'failed'],
  ['after a stop', (l) => l.stop().then(() => Promise.reject(revoked())), 'failed'],
  ['from a cleanup', (l) => l.defer(() => Promise.reject(revoked())), 'ok'],
  ['from a child that fails its parent', (l) => l.fork('child', () => Promise.reject(revoked()), { onFailure: 'fail' }), 'failed'],
];

test.each(bodies)('a value that cannot be read, thrown %s, is a failure like others', async (_, body, status) => {
  using traces = recordTraces();
  const handle = traces.runtime().lifecycle('app', body);
  expect((await handle.done).status).toBe(status);
});

test('a lifecycle that is aborted with a reason that cannot be read is terminated', async () => {
  using traces = recordTraces();
  const outside = new AbortController();
  const body: LifecycleBody = ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  const handle = traces.runtime().lifecycle('app', body, { signal: outside.signal });
  outside.abort(revoked());
  expect((await handle.done).status).toMatch(/^(terminated|failed)$/);
});

test('done resolves, and nothing stays open, where the clock of the host fails', async () => {
  using traces = recordTraces();
  const error = new Error('no time');
  const clock: Clock = {
    ...fakeClock(),
    monotonic: () => {
      throw error;
    },
  };
  const warnings: string[] = [];
  const ignore = (): void => undefined;
  diag.setLogger({ warn: (text) => warnings.push(text), error: ignore, info: ignore, debug: ignore, verbose: ignore });
  const runtime = traces.runtime({ clock });
  let child: LifecycleHandle | undefined;
  const handle = runtime.lifecycle('app', (l) => {
    child = l.fork('child', () => Promise.reject(new Error('no')), { onFailure: { restart: { maxRestarts: 1, withinMs: 1000 } } });
  });
  await expect(handle.done).resolves.toMatchObject({ status: 'failed', error });
  await expect(child?.done).resolves.toMatchObject({ status: 'failed', error });
  diag.disable();
  expect(warnings).toEqual(['tracewright: app/child could not be ended in order']);
});

test('identity and principal of a child are those that it was forked with, in each of its lives', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const identity: { extend: Record<string, unknown> } = { extend: { 'desk.id': 'first' } };
  const options = { as: service('worker'), identity, onFailure: { restart: { maxRestarts: 1, withinMs: 1000 } } };
  const handle = traces.runtime({ clock }).lifecycle('app', (l) => {
    const body: LifecycleBody = async (c) => {
      await c.run('work', () => 1);
      identity.extend = { 'desk.id': Symbol('no attribute') };
      Object.assign(options, { as: 'nobody' });
      throw new Error('no');
    };
    l.fork('child', body, options as never);
  });
  await clock.advance(100);
  await expect(handle.done).resolves.toMatchObject({ status: 'failed', error: { message: 'no' } });
  expect(traces.spans.map(({ attributes }) => [attributes['desk.id'], attributes['component.path'], attributes['caller.id']])).toEqual([
    ['first', 'app/child', 'worker'],
    ['first', 'app/child', 'worker'],
  ]);
});
