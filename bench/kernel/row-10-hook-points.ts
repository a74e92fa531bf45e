import { createRuntime, type HookType, hookType } from 'tracewright';
import type { Comparison } from '../compare.ts';
import { leaf } from './leaf.ts';
import { registerContextManager } from './stock-sdk.ts';

interface Payload {
  readonly model: string;
  readonly prompt: number;
}

const bare = 'bare async function';
const none = 'ten hook points, nobody listens';
const one = 'ten hook points, one listener each';

function tenTypes(prefix: string): readonly HookType<Payload>[] {
  return Array.from({ length: 10 }, (_, place) => hookType<Payload>()(`${prefix}_${place}`));
}

/** Row 10: a function that fires ten events on its way, where nobody listens and where one synchronous hook listens to each. */
export function hookPoints(): Comparison[] {
  registerContextManager();
  const runtime = createRuntime();
  const { scope } = runtime;
  const silent = tenTypes('silent');
  const heard = tenTypes('heard');
  let seen = 0;
  for (const { name } of heard) runtime.hooks.add({ hook: name, run: () => void (seen += 1) });
  let calls = 0;
  /** The leaf itself with ten points on its way. It waits only for hooks that answered with a promise, as drivers do. */
  const through = async (types: readonly HookType<Payload>[], value: number): Promise<number> => {
    for (const type of types) {
      const fired = scope.fire(type, () => ({ model: 'm', prompt: value }));
      if (fired instanceof Promise) await fired;
    }
    calls += 1;
    return value;
  };
  return [
    {
      title: 'ten hook points',
      variants: { [bare]: () => leaf(1), [none]: () => through(silent, 1), [one]: () => through(heard, 1) },
      ratios: [
        { figure: '10', of: none, to: bare },
        { figure: '10 heard', of: one, to: bare },
      ],
    },
  ];
}
