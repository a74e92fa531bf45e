import { isPlainObject, isPlainPromise, isThenable } from './check.ts';
import { badOption } from './errors.ts';
import type { Scope } from './scope.ts';

/**
 * `target` with everything that it does running in `scope`. What its functions return is bound in turn, or the principal would be lost where work starts
 * late: functions, promises and other thenables (a query that begins when it is awaited), iterators and generators, plain objects and arrays that hold
 * functions. Other instances of classes are handed out as they are.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` for a target that is neither a function nor an object
 */
export function bindTarget<T extends object>(scope: Scope, target: T): T {
  if (typeof target === 'function') return bindFunction(scope, target);
  if (typeof target !== 'object' || target === null) throw badOption('target', 'a function or an object of functions', target);
  if (Array.isArray(target)) return target.map((item: unknown) => bindResult(scope, item)) as unknown as T; // An array of what its items are bound to.
  return bindObject(scope, target);
}

function bindFunction<F extends object>(scope: Scope, fn: F): F {
  return new Proxy(fn, {
    // What hangs on a function: the methods of a client that can be called itself, static members of a class.
    get(held, key) {
      const value: unknown = Reflect.get(held, key, held);
      return typeof value === 'function' && key !== 'constructor' ? bindMethod(scope, value, { owner: held }) : value;
    },
    construct: (made, args: unknown[]) => scope.activate((): object => Reflect.construct(asConstructor(made), args)),
    apply: (called, self: unknown, args: unknown[]) => {
      const call = (): unknown => Reflect.apply(asFunction(called), self, args);
      return bindResult(scope, scope.activate(call));
    },
  });
}

/**
 * A view whose methods run on the object itself, so that private fields and `this` work as they do without the view. The proxy stands on an empty object
 * of the same class: on a frozen one the language would not let it show anything but the unbound members.
 */
function bindObject<T extends object>(scope: Scope, object: T): T {
  const bound = new Map<PropertyKey, { readonly original: unknown; readonly view: unknown }>();
  const read = (key: PropertyKey): unknown => {
    // An accessor runs code as a method does.
    const value = scope.activate((): unknown => Reflect.get(object, key, object));
    if (isThenable(value)) return bindResult(scope, value);
    if (!isBindable(value)) return value;
    const known = bound.get(key);
    if (known !== undefined && known.original === value) return known.view;
    const member: unknown = typeof value === 'function' ? bindMethod(scope, value, { owner: object, view }) : bindTarget(scope, value);
    bound.set(key, { original: value, view: member });
    return member;
  };
  const shown: object = Object.create(Reflect.getPrototypeOf(object));
  const view: object = new Proxy(shown, {
    get: (_, key) => read(key),
    set: (_, key, value) => Reflect.set(object, key, value, object),
    has: (_, key) => Reflect.has(object, key),
    deleteProperty: (_, key) => Reflect.deleteProperty(object, key),
    ownKeys: () => Reflect.ownKeys(object),
    defineProperty: (_, key, property) => Reflect.defineProperty(object, key, { ...property, configurable: true }),
    getOwnPropertyDescriptor(_, key) {
      const own = Reflect.getOwnPropertyDescriptor(object, key);
      return own && { value: read(key), enumerable: own.enumerable === true, configurable: true, writable: true };
    },
  });
  return view as T; // It answers as the object does.
}

/** `method` of `owner`; one that returns its owner, as fluent ones do, returns the view of it. */
function bindMethod(scope: Scope, method: object, { owner, view }: { readonly owner: object; readonly view?: object }): object {
  return new Proxy(method, {
    construct: (made, args: unknown[]) => scope.activate((): object => Reflect.construct(asConstructor(made), args)),
    apply: (called, _view, args: unknown[]) => {
      const result = scope.activate((): unknown => Reflect.apply(asFunction(called), owner, args));
      return result === owner && view !== undefined ? view : bindResult(scope, result);
    },
  });
}

function isBindable(value: unknown): value is object {
  return typeof value === 'function' || holdsFunctions(value);
}

function bindResult(scope: Scope, value: unknown): unknown {
  if (isPlainPromise(value)) return value.then((settled: unknown) => bindResult(scope, settled));
  if (isIterator(value)) return bindIterator(scope, value);
  if (isThenable(value)) return bindObject(scope, value);
  return isBindable(value) ? bindTarget(scope, value) : value;
}

type AnyIterator = Iterator<unknown> | AsyncIterator<unknown>;

function isIterator(value: unknown): value is AnyIterator & object {
  return typeof value === 'object' && value !== null && 'next' in value && typeof value.next === 'function';
}

/** Generators run their bodies when they are pulled: each pull enters the scope again. */
function bindIterator(scope: Scope, iterator: AnyIterator & object): object {
  // On an empty object, as a frozen iterator could not show bound methods.
  const shown: object = Object.create(Reflect.getPrototypeOf(iterator));
  const view: object = new Proxy(shown, {
    get(_, key) {
      const value: unknown = Reflect.get(iterator, key, iterator);
      if (typeof value !== 'function') return value;
      if (key === Symbol.asyncIterator || key === Symbol.iterator) return () => view;
      return (...args: unknown[]) => scope.activate((): unknown => Reflect.apply(asFunction(value), iterator, args));
    },
  });
  return view;
}

/** Objects in plain data are looked through, not copied; this deep, and no further. */
const maxDepth = 4;

function holdsFunctions(value: unknown, depth = 0): value is object {
  if (depth > maxDepth || !(isPlainObject(value) || Array.isArray(value))) return false;
  return Object.values(value).some((member) => typeof member === 'function' || holdsFunctions(member, depth + 1));
}

function asFunction(value: object): (...args: unknown[]) => unknown {
  return value as (...args: unknown[]) => unknown; // A proxy of a function, or a member that was seen to be one.
}

function asConstructor(value: object): new (...args: unknown[]) => object {
  return value as new (
    ...args: unknown[]
  ) => object; // The language calls the trap for constructors only.
}
