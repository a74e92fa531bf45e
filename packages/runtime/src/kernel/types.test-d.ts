import { type Interceptor, type OwnedStream, type Runtime, type Scope, user } from 'tracewright';
import { expectTypeOf, test } from 'vitest';

declare const runtime: Runtime;

test('run gives what its body gives', () => {
  expectTypeOf(runtime.run('x', () => 1)).toEqualTypeOf<Promise<number>>();
  expectTypeOf(runtime.run('x', async () => 'text')).toEqualTypeOf<Promise<string>>();
  expectTypeOf(runtime.run('x', (scope) => scope)).toEqualTypeOf<Promise<Scope>>();
});

test('a defined operation keeps the arguments of its body', () => {
  const add = runtime.define('add', (_scope, left: number, right: number) => left + right);
  expectTypeOf(add).parameters.toEqualTypeOf<[left: number, right: number]>();
  expectTypeOf(add(1, 2)).toEqualTypeOf<Promise<number>>();
  // @ts-expect-error an argument is missing
  void add(1);
});

test('a stream gives the items of its source', () => {
  expectTypeOf(
    runtime.stream('x', async function* () {
      yield 1;
    }),
  ).toEqualTypeOf<OwnedStream<number>>();
  expectTypeOf(runtime.stream('x', () => new ReadableStream<string>())).toEqualTypeOf<OwnedStream<string>>();
});

test('an interceptor cannot drop the result of next', () => {
  const keeps: Interceptor = async (scope, next) => next(scope);
  // @ts-expect-error nothing is returned
  const drops: Interceptor = async (scope, next) => {
    await next(scope);
  };
  // @ts-expect-error another result is returned
  const replaces: Interceptor = async (scope, next) => {
    await next(scope);
    return 1;
  };
  expectTypeOf([keeps, drops, replaces]).toBeArray();
});

test('who executes is a principal, and identity a change', () => {
  void runtime.run('x', () => 1, { as: user('ada'), identity: 'clear' });
  // @ts-expect-error a name is no principal
  void runtime.run('x', () => 1, { as: 'ada' });
  // @ts-expect-error a change says how
  void runtime.run('x', () => 1, { identity: { 'component.name': 'x' } });
});

test('a bound target has the type of the target', () => {
  const target = { load: async (id: number) => String(id) };
  expectTypeOf(runtime.scope.as(user('ada'), target)).toEqualTypeOf<typeof target>();
  expectTypeOf(runtime.scope.as(user('ada'))).toEqualTypeOf<Scope>();
});
