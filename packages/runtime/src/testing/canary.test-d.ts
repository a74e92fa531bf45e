import { expectTypeOf, test } from 'vitest';
import { plantCanaries } from './canary.ts';

test('values and sightings know the names that were planted', () => {
  const canaries = plantCanaries(['prompt', 'token']);
  expectTypeOf(canaries.values).toEqualTypeOf<Readonly<Record<'prompt' | 'token', string>>>();
  expectTypeOf(canaries.search('')[0]?.name).toEqualTypeOf<'prompt' | 'token' | undefined>();
});
