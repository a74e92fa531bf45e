import { expect, test } from 'vitest';
import { registerContextManager } from './context-manager.ts';
import { renderProofs, replaceProofs } from './guarantee-table.ts';
import { defineCase } from './hostile-case.ts';
import { hostileCases } from './index.ts';
import { allHeld, renderResults } from './render-results.ts';
import { runCase } from './run-case.ts';
import { silence } from './waiting.ts';

registerContextManager();

for (const { id, plain, tracewright } of hostileCases) {
  test(`${id}: plain OpenTelemetry is broken as described`, () => plain.run());
  test(`${id}: Tracewright is right`, () => tracewright.run());
}

const fine = defineCase({
  id: 'fine',
  title: 'a case',
  source: 'pain',
  guarantee: 2,
  plain: { breakage: 'broken', run: () => Promise.resolve() },
  tracewright: { promise: 'right', run: () => Promise.resolve() },
});
const vacuous = defineCase({
  ...fine,
  id: 'vacuous',
  plain: { breakage: 'it breaks', run: () => Promise.reject(new RangeError('it works')) },
});

test('every case has an id of its own', () => {
  expect(new Set(hostileCases.map(({ id }) => id)).size).toBe(hostileCases.length);
});

test('a case is refused when its id is no file name or its guarantee does not exist', () => {
  expect(() => defineCase({ ...fine, id: 'Not Fine' })).toThrow('the id "Not Fine" is not in kebab case');
  expect(() => defineCase({ ...fine, guarantee: 13 })).toThrow('fine names guarantee 13, which does not exist');
});

test('a plain side that is not broken fails its case, and says so; the other side still runs', async () => {
  const result = await runCase(vacuous);
  expect([result.plain.held, result.tracewright.held]).toEqual([false, true]);
  expect(allHeld([await runCase(fine)])).toBe(true);
  expect(allHeld([result])).toBe(false);
  const text = renderResults([result]);
  expect(text).toContain('vacuous  plain: broken as described ✗  tracewright: right ✓');
  expect(text).toContain('plain OpenTelemetry is not broken as described: it breaks');
  expect(text).toContain('RangeError: it works');
  expect(text).toContain('1 cases: plain OpenTelemetry broken as described in 0, Tracewright right in 1');
});

test('an error that reaches nobody fails the side that runs, even where that would wait for ever', async () => {
  const throwLater = (): Promise<void> => {
    setImmediate(() => {
      throw new RangeError('thrown to nobody');
    });
    return silence();
  };
  const result = await runCase(defineCase({ ...fine, tracewright: { promise: 'right', run: throwLater } }));
  expect(result.tracewright).toEqual({ held: false, error: new RangeError('thrown to nobody') });
});

test('the table has a row for each guarantee, with its cases and its tests, and replaces the one in the page', () => {
  const proofs = { cases: [fine], tests: [{ guarantee: 2, title: 'a | b', file: 'kernel/run.test.ts' }] };
  const page = 'before\n<!-- corpus:begin -->\nold\n<!-- corpus:end -->\nafter';
  const written = replaceProofs(page, proofs);
  expect(written).toContain('| 2 Bounded | [fine](../packages/runtime/corpus/cases/fine.ts) | a \\| b (`kernel/run.test.ts`) |');
  expect(written).toContain('| 12 Cheap | — | — |');
  expect(written).not.toContain('old');
  expect(replaceProofs(written, proofs)).toBe(written);
  expect(renderProofs(proofs).split('\n')).toHaveLength(14);
  expect(() => replaceProofs('no marks', proofs)).toThrow('has no marks');
});
