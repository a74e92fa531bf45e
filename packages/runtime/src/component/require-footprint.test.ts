import { createRuntime } from 'tracewright';
import { defineComponent, deploy, type Footprint, memoryTransport } from 'tracewright/component';
import { expect, test } from 'vitest';

const listener = defineComponent({ name: 'listener', bootstrap: () => undefined });

const footprintOf = (...allocations: Footprint['allocations'][number][]): Footprint => ({ identifier: 'fp-1', revision: 4, allocations });

test.each<[string, unknown, string]>([
  ['no allocations', { ...footprintOf() }, 'footprint.allocations must be a list of at least one allocation, received []'],
  [
    'a revision that is none',
    { ...footprintOf({ component: 'listener' }), revision: '4' },
    "footprint.revision must be a whole number of at least 0, received '4'",
  ],
  ['a name with a slash', { ...footprintOf({ component: 'listener' }), name: 'a/b' }, "footprint.name must be text without '/'"],
  [
    'locations that are no list',
    { ...footprintOf({ component: 'listener' }), locations: 'eu' },
    'footprint.locations must be a list of non-empty strings',
  ],
  [
    'metadata that is no object',
    { ...footprintOf({ component: 'listener' }), metadata: 'canary' },
    'footprint.metadata must be a plain object',
  ],
  ['an unknown member', { ...footprintOf({ component: 'listener' }), versoin: 1 }, 'footprint.versoin is not an option'],
  [
    'an unknown member of an allocation',
    footprintOf({ component: 'listener', option: 1 } as never),
    'footprint.allocations[0].option is not an option',
  ],
])('a footprint is refused with %s', async (_, given, message) => {
  const runtime = createRuntime();
  await expect(deploy(given as Footprint, { runtime, components: [listener], transport: memoryTransport() })).rejects.toMatchObject({
    code: 'TW_BAD_OPTION',
    message: expect.stringContaining(message) as string,
  });
});

test('options that lead back to themselves are the component’s matter', async () => {
  const options: Record<string, unknown> = {};
  options['self'] = options;
  const runtime = createRuntime();
  const given = footprintOf({ component: 'listener', options });
  await expect(deploy(given, { runtime, components: [listener], transport: memoryTransport() })).rejects.toMatchObject({
    code: 'TW_COMPONENT_OPTIONS',
    message: expect.stringContaining('listener takes no options') as string,
  });
});
