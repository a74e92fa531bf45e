import { fakeClock, recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';

const hang = (): Promise<never> => new Promise(() => undefined);

test('G11: closing lets running work end, and starts nothing new meanwhile', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime({ clock: fakeClock() });
  let finish = (): void => undefined;
  const work = runtime.run('work', async (scope) => {
    await new Promise<void>((resolve) => {
      finish = resolve;
    });
    await scope.run('last step', () => 1);
    return 'done';
  });
  const closing = runtime.close();
  await expect(runtime.run('late', () => 1)).rejects.toMatchObject({ code: 'TW_RUNTIME_CLOSED', data: { operation: 'late' } });
  await expect(runtime.stream('late', () => [1]).next()).rejects.toMatchObject({ code: 'TW_RUNTIME_CLOSED' });
  finish();
  await expect(work).resolves.toBe('done');
  await expect(closing).resolves.toEqual({ running: 1, cancelled: [], stuck: [] });
  await expect(runtime.run('after', () => 1)).rejects.toMatchObject({ code: 'TW_RUNTIME_CLOSED' });
});

test('G11: work that takes too long is cancelled, work that does not react is ended and named', async () => {
  using traces = recordTraces();
  const clock = fakeClock();
  const runtime = traces.runtime({ clock });
  const polite = runtime.run(
    'polite',
    (scope) => new Promise((_, reject) => scope.signal.addEventListener('abort', () => reject(scope.signal.reason))),
  );
  void runtime.run('deaf', (scope) => scope.run('deaf child', hang));
  const stream = runtime.stream('stream', hang as never);
  const pull = stream.next();
  const settled = Promise.allSettled([polite, pull]);
  const closing = runtime.close({ timeoutMs: 500, graceMs: 50 });
  await clock.advance(499);
  expect(traces.open.length).toBe(4);
  await clock.advance(1);
  await settled;
  await clock.advance(50);
  await expect(closing).resolves.toEqual({
    running: 4,
    cancelled: ['polite', 'deaf', 'deaf > deaf child', 'stream'],
    stuck: ['deaf', 'deaf > deaf child'],
  });
  expect(traces.open).toEqual([]);
  for (const name of ['polite', 'stream'])
    expect(traces.find(name)).toMatchObject({ status: { code: 'ERROR' }, attributes: { 'tracewright.cancelled_by': 'shutdown' } });
  for (const name of ['deaf', 'deaf child']) expect(traces.find(name).attributes['error.type']).toBe('span_not_ended');
  await expect(settled).resolves.toMatchObject([
    { reason: { code: 'TW_CANCELLED', data: { by: 'shutdown' } } },
    { reason: { code: 'TW_CANCELLED' } },
  ]);
});

test('G11: closing twice gives one report, and an idle runtime closes at once', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime({ clock: fakeClock() });
  const reports = await Promise.all([runtime.close(), runtime.close()]);
  expect(reports[0]).toBe(reports[1]);
});

test('G11: await using closes the runtime', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  {
    await using owned = runtime;
    await owned.run('work', () => 1);
  }
  await expect(runtime.run('late', () => 1)).rejects.toMatchObject({ code: 'TW_RUNTIME_CLOSED' });
});
