import { EventEmitter } from 'node:events';
import { currentScope, type Runtime, user } from 'tracewright';
import { recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';

const caller = (): string | undefined => currentScope()?.principal.id;

class Store {
  #opened = 0;
  readonly nested = { caller, deeper: { caller } };
  open(): number {
    this.#opened += 1;
    return this.#opened;
  }
  async callerLater(): Promise<string | undefined> {
    await Promise.resolve();
    return caller();
  }
  connect(): { query(): string | undefined; rows: number[] } {
    return { query: caller, rows: [1] };
  }
  async *rows(): AsyncGenerator<string | undefined> {
    yield caller();
    await Promise.resolve();
    yield caller();
  }
  *names(): Generator<string | undefined> {
    yield caller();
  }
}

const asAda = (runtime: Runtime): Store => runtime.scope.as(user('ada'), new Store());

test('G5: methods, nested objects, returned closures and generators all run as the principal, with their own this', async () => {
  using traces = recordTraces();
  const store = asAda(traces.runtime());
  expect([store.open(), store.open()]).toEqual([1, 2]);
  expect([store.nested.caller(), store.nested.deeper.caller(), await store.callerLater(), store.connect().query()]).toEqual([
    'ada',
    'ada',
    'ada',
    'ada',
  ]);
  const rows: unknown[] = [];
  for await (const row of store.rows()) rows.push(row);
  expect([...rows, ...store.names()]).toEqual(['ada', 'ada', 'ada']);
  expect(store.connect().rows).toEqual([1]);
  expect(caller()).toBeUndefined();
});

test('G5: a function and what it promises run as the principal', async () => {
  using traces = recordTraces();
  const connect = traces.runtime().scope.as(user('ada'), async (name: string) => ({ name, query: async () => caller() }));
  const connection = await connect('main');
  expect([connection.name, await connection.query()]).toEqual(['main', 'ada']);
});

/** As query builders are: nothing happens before it is awaited. */
class Query {
  readonly #conditions: string[] = [];
  where(condition: string): this {
    this.#conditions.push(condition);
    return this;
  }
  // oxlint-disable-next-line unicorn/no-thenable -- a query that begins when it is awaited is just this
  then<R>(resolve: (found: string) => R): Promise<R> {
    return Promise.resolve(`${caller() ?? 'nobody'}: ${this.#conditions.join()}`).then(resolve);
  }
}

test('G5: a query that begins when it is awaited runs as the principal, however it was built', async () => {
  using traces = recordTraces();
  const tables = traces.runtime().scope.as(user('ada'), { orders: () => new Query() });
  expect(await tables.orders().where('open').where('late')).toBe('ada: open,late');
});

test('instances of classes that are returned stay what they are', () => {
  using traces = recordTraces();
  const date = new Date(0);
  expect(
    traces
      .runtime()
      .scope.as(user('ada'), { now: () => date })
      .now(),
  ).toBe(date);
});

test('G5: frozen objects and arrays of functions keep the principal too, and look like what they are', () => {
  using traces = recordTraces();
  const { scope } = traces.runtime();
  const api = scope.as(user('ada'), Object.freeze({ caller, list: () => [caller, { caller }] as const }));
  const [first, second] = api.list();
  expect([api.caller(), first(), second.caller()]).toEqual(['ada', 'ada', 'ada']);
  expect([Object.keys(api), 'caller' in api, scope.as(user('ada'), new Store()) instanceof Store]).toEqual([
    ['caller', 'list'],
    true,
    true,
  ]);
});

test('operations started through a bound target belong to the principal and to the operation around', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  await runtime.run('request', async (scope) => {
    const api = scope.as(user('ada'), { load: () => runtime.run('load', () => 1) });
    await api.load();
  });
  expect(traces.render()).toMatchInlineSnapshot(`
    "request  service service
    └─ load  user ada"
  `);
});

test('G4: a listener that is bound has the context of its registration, not of the emitter', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  const emitter = new EventEmitter();
  const seen: (string | undefined)[] = [];
  await runtime.run('registers', async (scope) => {
    emitter.on(
      'event',
      scope.bind(function (this: unknown) {
        expect(this).toBe(emitter);
        seen.push(currentScope()?.name);
      }),
    );
    await runtime.run('emits', () => emitter.emit('event'));
  });
  expect(seen).toEqual(['registers']);
});

test('G3: what is bound runs detached once its operation has ended: it adds nothing to a finished trace', async () => {
  using traces = recordTraces();
  const runtime = traces.runtime();
  const later = await runtime.run('request', (scope) => ({
    call: scope.bind(() => traces.tracer('library').startSpan('late call').end()),
  }));
  later.call();
  expect(traces.find('late call').parentSpanId).toBeUndefined();
  expect(traces.find('late call').attributes).toMatchObject({ 'caller.id': 'service' });
});

test('G3: detached work outlives its operation: not cancelled with it, a root of its own, linked', async () => {
  using traces = recordTraces();
  const client = new AbortController();
  let follow: Promise<unknown> | undefined;
  let aborted: boolean | undefined;
  await traces.runtime().run(
    'request',
    (scope) => {
      follow = scope.detach().run('follow up', async (later) => {
        await Promise.resolve();
        client.abort();
        aborted = later.signal.aborted;
      });
    },
    { as: user('ada'), signal: client.signal },
  );
  await follow;
  expect(aborted).toBe(false);
  expect(traces.find('follow up')).toMatchObject({
    status: { code: 'UNSET' },
    links: [{ spanId: traces.find('request').spanId }],
    attributes: { 'caller.id': 'ada' },
  });
});

test('G5: fluent methods, accessors, methods of functions and constructors keep the principal too', () => {
  using traces = recordTraces();
  class Client {
    static readonly made: (string | undefined)[] = [];
    constructor() {
      Client.made.push(caller());
    }
    static caller = caller;
    get current(): string | undefined {
      return caller();
    }
    self(): this {
      return this;
    }
    who(): string | undefined {
      return caller();
    }
  }
  const { scope } = traces.runtime();
  const client = scope.as(user('ada'), new Client());
  const Bound = scope.as(user('ada'), Client);
  const call = scope.as(
    user('ada'),
    Object.assign(() => caller(), { get: () => caller() }),
  );
  expect([client.self().self().who(), client.current, Bound.caller(), call(), call.get()]).toEqual(Array(5).fill('ada'));
  expect([new Bound() instanceof Client, Client.made]).toEqual([true, [undefined, 'ada']]);
});

test('a view can be changed as its object can', () => {
  using traces = recordTraces();
  const object: { load: () => number; extra?: number } = { load: () => 1 };
  const view = traces.runtime().scope.as(user('ada'), object);
  Object.defineProperty(view, 'extra', { value: 3, enumerable: true });
  expect([view.extra, object.extra]).toEqual([3, 3]);
  delete view.extra;
  expect(Object.keys(object)).toEqual(['load']);
});
