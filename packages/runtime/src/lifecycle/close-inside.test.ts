import type { Lifecycle, LifecycleOptions, Runtime } from 'tracewright';
import { fakeClock, recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';

type Place = (close: () => Promise<void>) => { readonly body: (l: Lifecycle) => unknown; readonly options?: LifecycleOptions };

const places: [string, Place][] = [
  ['its body', (close) => ({ body: close })],
  ['an operation', (close) => ({ body: (l) => l.run('admin', close) })],
  ['a fork', (close) => ({ body: (l) => l.fork('child', close) })],
  ['a cleanup', (close) => ({ body: (l) => l.defer(close) })],
  ['a hook', (close) => ({ body: () => 1, options: { onStarted: close, onCompleted: close } })],
];

test.each(places)('closing the runtime from %s of a lifecycle begins, and is refused to whoever waits for it there', async (_, place) => {
  using traces = recordTraces();
  const clock = fakeClock();
  const runtime = traces.runtime({ clock });
  const errors: unknown[] = [];
  const { body, options } = place(async () => {
    await runtime.close().catch((error: unknown) => errors.push(error));
  });
  const handle = runtime.lifecycle('app', body, options);
  await handle.done;
  const refused = expect.objectContaining({
    code: 'TW_LIFECYCLE_STATE',
    data: expect.objectContaining({ lifecycle: expect.stringMatching(/^app/) }),
  });
  expect(errors).toEqual(options === undefined ? [refused] : [refused, refused]);
  await expect(runtime.close()).resolves.toMatchObject({ cancelled: [], stuck: [] });
  expect(() => runtime.lifecycle('late', () => 1)).toThrow(expect.objectContaining({ code: 'TW_RUNTIME_CLOSED' }));
});

test('closing the runtime inside a lifecycle without awaiting it stops the lifecycle, and rejects nobody', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  const handle = runtime.lifecycle('app', (l) => {
    void runtime.close();
    return l.stopping.aborted ? undefined : Promise.reject(new Error('not asked to stop'));
  });
  await expect(handle.done).resolves.toMatchObject({ status: 'stopped' });
  await expect(runtime.close()).resolves.toEqual({ running: 1, cancelled: [], stuck: [] });
});

test('another runtime can be closed inside a lifecycle, and so can the own one once the lifecycle is done', async () => {
  using traces = recordTraces();
  const [runtime, other] = [traces.runtime(), traces.runtime()];
  let later: (() => Promise<unknown>) | undefined;
  const handle = runtime.lifecycle('app', async (l) => {
    later = l.scope.bind(() => runtime.close());
    await other.close();
  });
  await expect(handle.done).resolves.toMatchObject({ status: 'ok' });
  await expect(later?.()).resolves.toEqual({ running: 0, cancelled: [], stuck: [] });
});

test.each([500, null, 'now'])('close refuses %o in place of options', (wrong) => {
  using traces = recordTraces();
  const runtime: Runtime = traces.runtime();
  expect(() => runtime.close(wrong as never)).toThrow(expect.objectContaining({ code: 'TW_BAD_OPTION' }));
});
