import { inspect } from 'node:util';
import { TracewrightError } from '../errors.ts';

/** What a stream pulls from: always asynchronous, whatever the body gave. */
export interface Producer<T> {
  next(input?: unknown): Promise<IteratorResult<T, unknown>>;
  return?(value?: unknown): Promise<IteratorResult<T, unknown>>;
  throw?(error?: unknown): Promise<IteratorResult<T, unknown>>;
}

/**
 * Opens the iterator of what a body gave. Call it in the context of the body: opening runs the author's code.
 *
 * @throws {TracewrightError} `TW_NOT_ITERABLE` for anything that cannot be iterated; a string is text, not a stream of characters
 */
export function openSource<T>(source: unknown, name: string): Producer<T> {
  if (typeof source === 'object' && source !== null) {
    const open: unknown = Reflect.get(source, Symbol.asyncIterator);
    if (typeof open === 'function') return requireProducer(Reflect.apply(open, source, []), source, name);
    const openSync: unknown = Reflect.get(source, Symbol.iterator);
    if (typeof openSync === 'function') return fromSync(requireProducer(Reflect.apply(openSync, source, []), source, name));
  }
  throw notIterable(source, name);
}

/** Closes what nobody reads. Call it in the context of the body. */
export async function closeSource(source: unknown, name: string): Promise<void> {
  await openSource(source, name).return?.();
}

/** @throws {TracewrightError} `TW_NOT_ITERABLE` for what is no result of an iterator */
export function isLast(result: unknown, name: string): boolean {
  if (typeof result === 'object' && result !== null) return 'done' in result && Boolean(result.done);
  throw new TracewrightError('TW_NOT_ITERABLE', `the iterator of ${name} gave no result: ${String(result)}`, { data: { operation: name } });
}

function requireProducer<T>(iterator: unknown, source: unknown, name: string): Producer<T> {
  if (typeof iterator === 'object' && iterator !== null && 'next' in iterator && typeof iterator.next === 'function') {
    return iterator as Producer<T>; // An iterator by the protocol; what it gives is checked by its author's types.
  }
  throw notIterable(source, name);
}

/** As `for await` does over a sync iterable: items that are promises are waited for. */
function fromSync<T>(given: Producer<T>): Producer<T> {
  // The same protocol without the promises: the shape was checked, the results are awaited either way.
  const iterator = given as unknown as Iterator<T | Promise<T>, unknown, unknown>;
  const settle = async (result: IteratorResult<T | Promise<T>, unknown>): Promise<IteratorResult<T, unknown>> =>
    result.done === true ? { done: true, value: result.value } : { done: false, value: await result.value };
  return {
    next: async (input) => settle(iterator.next(input)),
    return: async (value) => settle(iterator.return?.(value) ?? { done: true, value }),
  };
}

function notIterable(source: unknown, name: string): TracewrightError<'TW_NOT_ITERABLE'> {
  return new TracewrightError(
    'TW_NOT_ITERABLE',
    `the body of ${name} gave ${inspect(source, { depth: 0 }).slice(0, 80)}, which cannot be iterated`,
    {
      data: { operation: name },
    },
  );
}
