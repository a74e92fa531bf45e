import { cache, type Lifecycle, type LifecycleHandle, operation, type Runtime } from 'tracewright';
import { recordTraces, type TraceRecorder } from 'tracewright/testing';
import { expect, test } from 'vitest';

class CorruptIndex extends Error {
  override readonly name = 'CorruptIndex';
}

/** Outcome, status and exceptions of each span, by name. */
function failures(traces: TraceRecorder): Record<string, unknown> {
  return Object.fromEntries(
    traces.spans.map(({ name, status, attributes, events }) => [
      name,
      [
        attributes['tracewright.outcome'],
        attributes['error.type'],
        status.code,
        status.message,
        ...events.map((event) => event.attributes?.['exception.message']),
      ],
    ]),
  );
}

const failed = ['error', 'CorruptIndex', 'ERROR', 'page 7'];
const recorded = [...failed, 'page 7'];
const cancelled = ['cancelled', 'TW_LIFECYCLE_FAILED', 'ERROR'];

test('fatal in an operation: its span shows the error, once however deep, and the caller gets TW_LIFECYCLE_FAILED', async () => {
  using traces = recordTraces();
  const error = new CorruptIndex('page 7');
  const caught: unknown[] = [];
  const handle = traces.runtime().lifecycle('app', (l) =>
    l
      .run('outer', (scope) => scope.run('inner', () => l.fatal(error)))
      .catch((thrown: unknown) => {
        caught.push(thrown);
        throw thrown;
      }),
  );
  await expect(handle.done).resolves.toEqual({ status: 'failed', error, failures: [], stuck: [] });
  expect(caught).toEqual([expect.objectContaining({ code: 'TW_LIFECYCLE_FAILED', cause: error, data: { lifecycle: 'app' } })]);
  expect(failures(traces)).toEqual({ inner: recorded, outer: failed });
});

test('fatal of the lifecycle above, in an operation of a fork: the operation has failed, the fork and what runs beside are cancelled', async () => {
  using traces = recordTraces();
  const error = new CorruptIndex('page 7');
  const handle = traces.runtime().lifecycle('app', (l: Lifecycle) => {
    const beside = l.run(
      'beside',
      ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    );
    beside.catch(() => undefined);
    l.fork('child', (c) => c.run('work', () => l.fatal(error)));
  });
  await expect(handle.done).resolves.toEqual({ status: 'failed', error, failures: [], stuck: [] });
  const { beside, work } = failures(traces);
  expect(work).toEqual(recorded);
  expect(beside).toEqual([...cancelled, 'app failed', 'app failed']);
});

test('fatal in a cleanup, and in an operation of a cleanup, is on the span that failed first', async () => {
  using traces = recordTraces();
  const error = new CorruptIndex('page 7');
  const first = traces.runtime().lifecycle('first', (l) => l.defer(() => l.fatal(error)));
  const second = traces.runtime().lifecycle('second', (l) => l.defer(({ scope }) => scope.run('close', () => l.fatal(error))));
  await expect(Promise.all([first.done, second.done])).resolves.toMatchObject([{ error }, { error }]);
  expect(failures(traces)).toEqual({ 'first.cleanup': recorded, close: recorded, 'second.cleanup': failed });
});

/** A lifecycle that waits for its end, as whoever stands outside sees it. */
function outsider(runtime: Runtime): { readonly l: Lifecycle; readonly handle: LifecycleHandle } {
  const lives: Lifecycle[] = [];
  const handle = runtime.lifecycle('app', (given) => {
    lives.push(given);
    return new Promise<void>((resolve) => given.signal.addEventListener('abort', () => resolve()));
  });
  const [l] = lives;
  if (l === undefined) throw new Error('the body was not called at once');
  return { l, handle };
}

test('fatal in a stream outside the lifecycle: its span shows the error, and its reader gets TW_LIFECYCLE_FAILED', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  const error = new CorruptIndex('page 7');
  const { l, handle } = outsider(runtime);
  const items = runtime.stream('read', async function* () {
    yield 1;
    l.fatal(error);
  });
  const read = async (): Promise<void> => {
    for await (const _ of items);
  };
  await expect(read()).rejects.toMatchObject({ code: 'TW_LIFECYCLE_FAILED', cause: error });
  await expect(handle.done).resolves.toMatchObject({ status: 'failed', error });
  expect(failures(traces)).toEqual({ read: recorded });
});

test('fatal in work that many wait for is recorded by the one who does it', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  const error = new CorruptIndex('page 7');
  const { l, handle } = outsider(runtime);
  const load = operation({ name: 'load', interceptors: [cache({ key: () => 'all', ttlMs: 1000 })] });
  const body = async (): Promise<never> => {
    await new Promise(setImmediate);
    return l.fatal(error);
  };
  await Promise.allSettled([runtime.run(load, body), runtime.run(load, body)]);
  await handle.done;
  expect(traces.spans.map(({ attributes, events }) => [attributes['error.type'], events.length])).toEqual([
    ['CorruptIndex', 1],
    ['CorruptIndex', 0],
  ]);
});

test('an error that is thrown on from one fatal to the next is told as what it was', async () => {
  using traces = recordTraces();
  const error = new CorruptIndex('page 7');
  const handle = traces.runtime().lifecycle('app', async (l) => {
    const caught: unknown = await l.run('work', () => l.fatal(error)).catch((thrown: unknown) => thrown);
    l.fatal(caught);
  });
  await expect(handle.done).resolves.toEqual({ status: 'failed', error, failures: [], stuck: [] });
});
