import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { currentScope } from 'tracewright';
import { recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';

test('G5: work that begins only when its result is awaited, as queries do, is inside the operation that returned it', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  const query = {
    // oxlint-disable-next-line unicorn/no-thenable -- a query that begins when it is awaited is just this
    then(resolve: (rows: number) => void): void {
      traces
        .tracer('database')
        .startSpan(`SELECT by ${currentScope()?.name ?? 'nobody'}`)
        .end();
      resolve(3);
    },
  } as unknown as Promise<number>; // As the types of such libraries say.
  await expect(runtime.run('load', () => query)).resolves.toBe(3);
  // oxlint-disable-next-line unicorn/no-thenable -- the same
  const pages = { then: (resolve: (pages: number[]) => void) => query.then((count) => resolve([count])) } as unknown as Promise<number[]>; // The same.
  const stream = runtime.stream('pages', () => pages);
  await context.with(ROOT_CONTEXT, () => stream.next());
  await stream.return();
  expect(traces.render({ caller: false })).toBe(
    ['load', '└─ SELECT by load', '', 'pages  outcome consumer_left', '└─ SELECT by pages'].join('\n'),
  );
});
