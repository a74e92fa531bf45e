import { expect, test } from 'vitest';
import { fakeClock, recordTraces } from '../../testing/index.ts';
import { hook } from './hook-registration.ts';
import { hookType } from './hook-type.ts';

const asked = hookType<{ readonly model: string }>()('asked');

test('G11: a hook in the background finishes its own operations while the runtime closes', async () => {
  const clock = fakeClock();
  using traces = recordTraces({ clock });
  const audit = hook({
    hook: asked,
    mode: 'background',
    run: async (_payload, { scope }) => {
      await scope.clock.sleep(50);
      await scope.run('write audit', () => scope.clock.sleep(50));
    },
  });
  const runtime = traces.runtime({ hooks: [audit] });
  await runtime.run('ask', (scope) => void scope.fire(asked, () => ({ model: 'm' })));
  const closing = runtime.close();
  await expect(runtime.run('late', () => 1)).rejects.toMatchObject({ code: 'TW_RUNTIME_CLOSED' });
  await clock.advance(200);
  expect(await closing).toEqual({ running: 1, cancelled: [], stuck: [] });
  expect(traces.render()).toMatchInlineSnapshot(`
    "ask  service service

    write audit  service service
       → link to ask (cause)"
  `);
});
