import { ROOT_CONTEXT, trace, TraceFlags } from '@opentelemetry/api';
import { expect, test } from 'vitest';
import { checkOpenRecorders } from './open-recorders.ts';
import { recordTraces } from './record-traces.ts';
import type { TraceRecorder } from './trace-recorder.ts';

const breakages: readonly { what: string; rule: string; break: (traces: TraceRecorder) => void }[] = [
  { what: 'an open span', rule: 'C1', break: (traces) => void traces.tracer('library').startSpan('broken') },
  {
    what: 'a span ended twice',
    rule: 'C2',
    break(traces) {
      const span = traces.tracer('library').startSpan('broken');
      span.end();
      span.end();
    },
  },
  {
    what: 'an orphan',
    rule: 'S1',
    break(traces) {
      const lost = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: TraceFlags.SAMPLED };
      traces.tracer('library').startSpan('broken', {}, trace.setSpanContext(ROOT_CONTEXT, lost)).end();
    },
  },
  {
    what: 'a broken rule',
    rule: 'E1',
    break: (traces) =>
      traces
        .tracer('library')
        .startSpan('broken', { attributes: { 'error.type': 'E' } })
        .end(),
  },
];

test.each(breakages)('$what fails the check, once, with its rule, its name and its place', ({ rule, break: breakTraces }) => {
  {
    using traces = recordTraces();
    breakTraces(traces);
  }
  const report = messageOf(checkOpenRecorders);
  expect(report).toContain(`  ${rule} "broken"`);
  expect(report).toMatch(/started at \S+open-recorders\.test\.ts:\d+/);
  expect(report).toMatch(/The recording:\n {2}broken/);
  expect(checkOpenRecorders).not.toThrow();
});

test('a recorder that was never disposed is judged as well', () => {
  recordTraces().tracer('library').startSpan('left open');
  expect(checkOpenRecorders).toThrow('C1 "left open" never ended');
});

test('an operation that is still running when its test is over fails the check', async () => {
  let work: Promise<void>;
  {
    using traces = recordTraces();
    work = traces.runtime().run('stuck', (scope) => scope.clock.sleep(60_000, { signal: scope.signal }));
  }
  await expect(work).rejects.toMatchObject({ code: 'TW_CANCELLED' });
  expect(checkOpenRecorders).toThrow('C1 "stuck" never ended');
});

test('a recorder that expects problems passes', () => {
  using traces = recordTraces();
  traces.expectProblems();
  traces.tracer('library').startSpan('left open');
  expect(checkOpenRecorders).not.toThrow();
});

test('clean recorders and warnings pass', () => {
  using traces = recordTraces();
  traces.tracer('library').startSpan('clean').end();
  const remote = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: TraceFlags.SAMPLED, isRemote: true };
  traces.tracer('library').startSpan('called from elsewhere', {}, trace.setSpanContext(ROOT_CONTEXT, remote)).end();
  expect(checkOpenRecorders).not.toThrow();
});

test('the reports of several recorders are given together', () => {
  for (const name of ['first', 'second']) recordTraces().tracer('library').startSpan(name);
  const report = messageOf(checkOpenRecorders);
  expect(report).toContain('"first" never ended');
  expect(report).toContain('"second" never ended');
});

function messageOf(call: () => void): string {
  try {
    call();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return '';
}
