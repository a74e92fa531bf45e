import { context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { AlwaysOffSampler } from '@opentelemetry/sdk-trace-base';
import { expect, test } from 'vitest';
import { fakeClock } from './fake-clock.ts';
import { recordTraces } from './record-traces.ts';

test('a span is recorded from its start, and has its end when it ended', () => {
  using traces = recordTraces();
  const span = traces.tracer('library').startSpan('query', { kind: SpanKind.CLIENT, attributes: { table: 'orders' } });
  expect(traces.open.map(({ name, kind, endTimeUnixNano, ends }) => ({ name, kind, endTimeUnixNano, ends }))).toEqual([
    { name: 'query', kind: 'CLIENT', endTimeUnixNano: undefined, ends: 0 },
  ]);
  span.setAttribute('rows', 3).setStatus({ code: SpanStatusCode.ERROR, message: 'locked' });
  span.end();
  expect(traces.open).toEqual([]);
  expect(traces.find('query')).toMatchObject({
    attributes: { table: 'orders', rows: 3 },
    status: { code: 'ERROR', message: 'locked' },
    scope: { name: 'library' },
    resource: { 'service.name': 'test' },
    endTimeUnixNano: expect.any(BigInt),
    ends: 1,
  });
});

test('ids count from 1 in every recorder', () => {
  using first = recordTraces();
  using second = recordTraces();
  for (const traces of [first, second]) {
    traces.tracer('library').startSpan('one').end();
    traces.tracer('library').startSpan('two').end();
    expect(traces.spans.map(({ traceId, spanId }) => [traceId, spanId])).toEqual([
      [`${'0'.repeat(31)}1`, `${'0'.repeat(15)}1`],
      [`${'0'.repeat(31)}2`, `${'0'.repeat(15)}2`],
    ]);
  }
});

test('a span knows the line of the test that started it', () => {
  using traces = recordTraces();
  traces.tracer('library').startSpan('here').end();
  expect(traces.find('here').createdAt).toMatch(/^packages\/runtime\/src\/testing\/record-traces\.test\.ts:\d+$/);
});

test('a span of the runtime knows the line that called run', async () => {
  using traces = recordTraces();
  await traces.runtime().run('work', () => undefined);
  expect(traces.find('work').createdAt).toMatch(/^packages\/runtime\/src\/testing\/record-traces\.test\.ts:\d+$/);
});

test('a second end is counted', () => {
  using traces = recordTraces();
  traces.expectProblems();
  const span = traces.tracer('library').startSpan('twice');
  span.end();
  span.end();
  expect(traces.find('twice').ends).toBe(2);
  expect(traces.check().map((finding) => finding.rule)).toEqual(['C2']);
});

test('a parent from outside is remote, a parent from here is local', () => {
  using traces = recordTraces();
  const tracer = traces.tracer('library');
  const remote = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1, isRemote: true };
  const entry = tracer.startSpan('entry', {}, trace.setSpanContext(ROOT_CONTEXT, remote));
  tracer.startSpan('inner', {}, trace.setSpan(ROOT_CONTEXT, entry)).end();
  entry.end();
  expect(traces.spans.map(({ name, parentIsRemote }) => [name, parentIsRemote])).toEqual([
    ['entry', true],
    ['inner', false],
  ]);
});

test('a whole recording is drawn, spans of libraries with the caller and the time of the scope around them', async () => {
  const clock = fakeClock();
  using traces = recordTraces();
  const runtime = traces.runtime({ clock, service: { name: 'shop' } });
  const library = traces.tracer('library');
  const work = runtime.run({ name: 'GET /orders', kind: 'server' }, async (scope) => {
    await library.startActiveSpan('query', { kind: SpanKind.CLIENT }, async (span) => {
      await scope.clock.sleep(20);
      span.end();
    });
  });
  await clock.advance(20);
  await work;
  expect(traces.render({ durations: true })).toMatchInlineSnapshot(`
    "GET /orders  SERVER  20 ms  service shop
    └─ query  CLIENT  20 ms"
  `);
  expect(traces.check()).toEqual([]);
});

test('a failure of the runtime is drawn with its exception, and the rules find nothing', async () => {
  using traces = recordTraces();
  const failing = traces.runtime().run('load', () => Promise.reject(new TypeError('no rows')));
  await expect(failing).rejects.toThrow('no rows');
  expect(traces.render()).toMatchInlineSnapshot(`
    "load  ERROR TypeError  outcome error  service service
       ✗ TypeError: no rows"
  `);
  expect(traces.check()).toEqual([]);
});

test('a clock given to the recorder is the clock of its runtimes and of libraries', async () => {
  const clock = fakeClock({ startAt: 1_000 });
  using traces = recordTraces({ clock });
  await traces.runtime().run('work', () => undefined);
  traces.tracer('library').startSpan('query').end();
  expect(traces.spans.map(({ startTimeUnixNano, endTimeUnixNano }) => [startTimeUnixNano, endTimeUnixNano])).toEqual([
    [1_000_000_000n, 1_000_000_000n],
    [1_000_000_000n, 1_000_000_000n],
  ]);
});

test('find says which names there are when none or several fit', () => {
  using traces = recordTraces();
  for (const name of ['b', 'a', 'b']) traces.tracer('library').startSpan(name).end();
  expect(() => traces.find('c')).toThrow('no span is named "c"; recorded names: "a", "b"');
  expect(() => traces.find('b')).toThrow(
    expect.objectContaining({ code: 'TW_BAD_OPTION', message: '2 spans are named "b"; recorded names: "a", "b"' }),
  );
});

test('the export holds the finished spans as protobuf, and no open one', () => {
  using traces = recordTraces();
  traces.expectProblems();
  traces.tracer('library').startSpan('finished span').end();
  traces.tracer('library').startSpan('open span');
  const bytes = Buffer.from(traces.export());
  expect([bytes.includes('finished span'), bytes.includes('open span')]).toEqual([true, false]);
});

test('what was recorded outlives disposal, and closing the runtimes changes none of it', async () => {
  const traces = recordTraces();
  traces.expectProblems();
  const runtime = traces.runtime();
  const stuck = runtime.run('stuck', (scope) => scope.clock.sleep(60_000, { signal: scope.signal }));
  traces[Symbol.dispose]();
  await expect(stuck).rejects.toMatchObject({ code: 'TW_CANCELLED' });
  expect(traces.open.map((span) => span.name)).toEqual(['stuck']);
  await expect(runtime.run('too late', () => undefined)).rejects.toMatchObject({ code: 'TW_RUNTIME_CLOSED' });
});

test('a sampler, limits and processors are used', () => {
  const ended: string[] = [];
  const processors = [
    {
      onStart() {},
      onEnd: (span: { name: string }) => void ended.push(span.name),
      forceFlush: () => Promise.resolve(),
      shutdown: () => Promise.resolve(),
    },
  ];
  using limited = recordTraces({ spanLimits: { attributeCountLimit: 1 }, processors });
  using unsampled = recordTraces({ sampler: new AlwaysOffSampler() });
  for (const traces of [limited, unsampled])
    traces
      .tracer('library')
      .startSpan('work', { attributes: { a: 1, b: 2 } })
      .end();
  expect(limited.find('work')).toMatchObject({ attributes: { a: 1 }, droppedAttributesCount: 1 });
  expect(ended).toEqual(['work']);
  expect(unsampled.spans).toEqual([]);
});

test('nothing global is touched', () => {
  using traces = recordTraces();
  traces.runtime();
  expect(trace.getTracer('library').startSpan('elsewhere').isRecording()).toBe(false);
  expect(propagation.fields()).toEqual([]);
  expect(context.active()).toBe(ROOT_CONTEXT);
});
