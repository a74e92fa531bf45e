import assert from 'node:assert/strict';
import { user } from 'tracewright';
import { recordTraces } from 'tracewright/testing';
import { defineCase } from '../hostile-case.ts';
import { recordPlain } from '../plain-recording.ts';
import { spanNamed } from '../seen-span.ts';

const columns = Object.fromEntries(Array.from({ length: 130 }, (_, index) => [`column.${index}`, index]));

export const attributeLimitDropsTheCaller = defineCase({
  id: 'attribute-limit-drops-the-caller',
  title: '130 attributes are set before `caller.id`',
  source: 'als',
  guarantee: 5,
  plain: {
    breakage: 'a span keeps 128 attributes, and the last one set, the caller, is lost without a word',
    async run() {
      const plain = recordPlain();
      const span = plain.tracer.startSpan('import');
      span.setAttributes(columns);
      span.setAttribute('caller.id', 'ada');
      span.end();
      assert.equal(spanNamed(plain.spans, 'import').attributes['caller.id'], undefined);
    },
  },
  tracewright: {
    promise: 'the caller and the identity are there from the start, and stay; the span counts what was dropped',
    async run() {
      using traces = recordTraces();
      await traces
        .runtime()
        .run('import', (scope) => scope.set(columns), { as: user('ada'), identity: { extend: { 'plugin.name': 'importer' } } });
      const { attributes, droppedAttributesCount } = traces.find('import');
      assert.equal(attributes['caller.id'], 'ada');
      assert.equal(attributes['execution.context'], 'user');
      assert.equal(attributes['plugin.name'], 'importer');
      assert.equal(droppedAttributesCount, 130 + 3 - 128);
    },
  },
});
