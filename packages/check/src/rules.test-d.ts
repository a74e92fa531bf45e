import { expectTypeOf, test } from 'vitest';
import { checkTraces, type Finding } from './check-traces.ts';

test('a finding names a rule that exists, and severities take no other', () => {
  expectTypeOf<'S1'>().toExtend<Finding['rule']>();
  expectTypeOf<'S99'>().not.toExtend<Finding['rule']>();
  // @ts-expect-error there is no such rule
  expectTypeOf(checkTraces).toBeCallableWith([], { severities: { S99: 'off' } });
});
