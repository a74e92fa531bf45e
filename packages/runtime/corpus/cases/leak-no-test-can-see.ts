import assert from 'node:assert/strict';
import type { Tracer } from '@opentelemetry/api';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';

/** A library with a path on which it forgets its span. */
function fetchPage(tracer: Tracer): void {
  tracer.startSpan('fetch page');
}

export const leakNoTestCanSee = defineCase({
  id: 'leak-no-test-can-see',
  title: 'A test looks at what was exported, and a library has forgotten a span',
  source: 'pain',
  guarantee: 1,
  plain: {
    breakage: 'an exporter is only told of spans that end: every assertion on what it holds passes',
    async run() {
      const plain = recordPlain();
      const { tracer } = plain;
      tracer.startActiveSpan('request', (request) => {
        fetchPage(tracer);
        request.end();
      });
      await plain.provider.forceFlush();
      assert.deepEqual(
        plain.spans.map((span) => span.name),
        ['request'],
      );
    },
  },
  tracewright: {
    promise: 'the recorder holds spans from their start: the rules name the leak and the line that made it',
    async run() {
      using traces = recordTraces();
      traces.expectProblems();
      await traces.runtime().run('request', () => fetchPage(traces.tracer('library')));
      assert.deepEqual(
        traces.open.map((span) => span.name),
        ['fetch page'],
      );
      const [finding] = traces.check();
      assert.equal(finding?.rule, 'C1');
      assert.match(traces.find('fetch page').createdAt ?? '', /leak-no-test-can-see\.ts:\d+$/);
    },
  },
});
