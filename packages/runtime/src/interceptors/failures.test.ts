import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import type { Interceptor } from '../kernel/interceptor.ts';
import type { Scope } from '../kernel/scope.ts';
import type { Runtime } from '../runtime.ts';
import { type FakeClock, fakeClock, recordTraces } from '../testing/index.ts';
import { breaker } from './breaker.ts';
import { cache } from './cache.ts';
import { limit } from './limit.ts';
import { retry } from './retry.ts';
import { timeout } from './timeout.ts';

/** Every interceptor against every way to fail, as one table: what the caller gets, what the span says, and what is still there afterwards. */

const forever = new Promise<never>(() => undefined);

const stacks: Readonly<Record<string, () => readonly Interceptor[]>> = {
  timeout: () => [timeout({ timeoutMs: 100 })],
  retry: () => [retry({ delayMs: 10, jitter: 'none' })],
  'retry › timeout': () => [retry({ delayMs: 10, jitter: 'none' }), timeout({ timeoutMs: 100 })],
  'timeout › retry': () => [timeout({ timeoutMs: 100 }), retry({ delayMs: 60, jitter: 'none' })],
  cache: () => [cache({ key: 'k', ttlMs: 1000 })],
  limit: () => [limit({ concurrency: 1 })],
  breaker: () => [breaker({ failures: 5 })],
};

/** What is driven: the body, and what happens beside it. */
interface Failure {
  readonly body: (scope: Scope) => Promise<unknown>;
  /** Moves the clock, and does not wait for what only a moving clock ends. */
  readonly meanwhile?: (parts: Parts) => unknown;
}

interface Parts {
  readonly runtime: Runtime;
  readonly clock: FakeClock;
  readonly client: AbortController;
}

const untilAborted = ({ clock, signal }: Scope): Promise<unknown> => clock.sleep(60_000, { signal });

const failures: Readonly<Record<string, Failure>> = {
  'body throws': { body: () => Promise.reject(new Error('broken')) },
  'body ignores its signal': { body: () => forever },
  'body aborts late': {
    body: (scope) => untilAborted(scope).catch((reason: unknown) => scope.clock.sleep(20).then(() => Promise.reject(reason))),
    meanwhile: ({ client, clock }) => clock.advance(500).then(() => client.abort()),
  },
  'client gone': { body: untilAborted, meanwhile: ({ client, clock }) => clock.advance(50).then(() => client.abort()) },
  'process stopping': {
    body: untilAborted,
    meanwhile: ({ runtime, clock }) => clock.advance(50).then(() => void runtime.close({ timeoutMs: 10, graceMs: 10 })),
  },
};

/** Failures that only one interceptor has. */
const own: Readonly<
  Record<string, { readonly stack: () => readonly Interceptor[]; readonly before?: (parts: Parts, run: Run) => unknown }>
> = {
  'cache, store throws': { stack: () => [cache({ key: 'k', ttlMs: 1000, store: brokenStore(() => Promise.reject(new Error('down'))) })] },
  'cache, store hangs': { stack: () => [cache({ key: 'k', ttlMs: 1000, store: brokenStore(() => forever) })] },
  'limit, queue full': { stack: () => [limit({ concurrency: 1, maxQueue: 0 })], before: (_parts, run) => void run(untilAborted) },
  'limit, waits too long': {
    stack: () => [limit({ concurrency: 1, queueTimeoutMs: 30 })],
    before: (_parts, run) => void run(untilAborted),
  },
  'breaker, open': {
    stack: () => [breaker({ failures: 1 })],
    before: (_parts, run) => run(() => Promise.reject(new Error('broken'))),
  },
};

type Run = (body: (scope: Scope) => Promise<unknown>) => Promise<unknown>;

function brokenStore(answer: () => Promise<never>): { get: () => Promise<never>; set: () => Promise<never> } {
  return { get: answer, set: answer };
}

async function observe(
  interceptors: readonly Interceptor[],
  { body, meanwhile }: Failure,
  before: ((parts: Parts, run: Run) => unknown) | undefined,
): Promise<string> {
  const clock = fakeClock();
  using traces = recordTraces({ clock });
  traces.expectProblems();
  const runtime = traces.runtime();
  const client = new AbortController();
  const others = new AbortController();
  const parts = { runtime, clock, client };
  const operation = { name: 'other', interceptors };
  const started = before?.(parts, (other) => runtime.run(operation, other, { signal: others.signal }).catch(() => undefined));
  await started;

  let answer = 'nobody';
  void runtime.run({ name: 'work', interceptors }, body, { signal: client.signal }).then(
    (value) => (answer = String(value)),
    (error: unknown) => (answer = describeError(error)),
  );
  await meanwhile?.(parts);
  await clock.advance(2000);
  others.abort();
  const listeners = getEventListeners(client.signal, 'abort').length;
  const waiting = clock.pending;
  const closing = runtime.close({ timeoutMs: 10, graceMs: 10 });
  await clock.advance(1000);
  const { stuck } = await closing;
  const work = traces.spans.filter(({ name }) => name === 'work');
  expect(work).toHaveLength(1);
  const { status, attributes } = traces.find('work');
  const left = [
    ...stuck.map((name) => `stuck at close: ${name}`),
    ...(waiting > 0 ? [`${waiting} timers`] : []),
    ...(listeners > 0 ? [`${listeners} listeners`] : []),
  ];
  return [
    answer === 'nobody' && stuck.length > 0 ? 'waits' : answer,
    status.code === 'ERROR' ? `ERROR ${String(attributes['error.type'])}` : 'unset',
    textOf(attributes['tracewright.cancelled_by'] ?? attributes['tracewright.cache']),
    textOf(attributes['tracewright.attempts']),
    left.join(', ') || 'nothing',
  ].join(' | ');
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && typeof error.code === 'string' ? error.code : `${error.name}: ${error.message}`;
}

test('every interceptor against every failure', async () => {
  const rows: string[] = [];
  for (const [stack, make] of Object.entries(stacks)) {
    for (const [failure, how] of Object.entries(failures)) rows.push(`${stack} | ${failure} | ${await observe(make(), how, undefined)}`);
  }
  for (const [title, { stack, before }] of Object.entries(own)) {
    rows.push(`${title.replace(', ', ' | ')} | ${await observe(stack(), { body: () => Promise.resolve(42) }, before)}`);
  }
  expect(rows).toMatchInlineSnapshot(`
    [
      "timeout | body throws | Error: broken | ERROR Error |  |  | nothing",
      "timeout | body ignores its signal | TW_TIMEOUT | ERROR TW_TIMEOUT | timeout |  | nothing",
      "timeout | body aborts late | TW_TIMEOUT | ERROR TW_TIMEOUT | timeout |  | nothing",
      "timeout | client gone | AbortError: This operation was aborted | unset | client |  | nothing",
      "timeout | process stopping | TW_CANCELLED | ERROR TW_CANCELLED | shutdown |  | nothing",
      "retry | body throws | Error: broken | ERROR Error |  | 3 | nothing",
      "retry | body ignores its signal | waits | ERROR span_not_ended |  | 1 | stuck at close: work",
      "retry | body aborts late | AbortError: This operation was aborted | unset | client | 1 | nothing",
      "retry | client gone | AbortError: This operation was aborted | unset | client | 1 | nothing",
      "retry | process stopping | TW_CANCELLED | ERROR TW_CANCELLED | shutdown | 1 | nothing",
      "retry › timeout | body throws | Error: broken | ERROR Error |  | 3 | nothing",
      "retry › timeout | body ignores its signal | TW_TIMEOUT | ERROR TW_TIMEOUT | timeout | 3 | nothing",
      "retry › timeout | body aborts late | TW_TIMEOUT | ERROR TW_TIMEOUT | timeout | 3 | nothing",
      "retry › timeout | client gone | AbortError: This operation was aborted | unset | client | 1 | nothing",
      "retry › timeout | process stopping | TW_CANCELLED | ERROR TW_CANCELLED | shutdown | 1 | nothing",
      "timeout › retry | body throws | Error: broken | ERROR Error |  | 2 | nothing",
      "timeout › retry | body ignores its signal | TW_TIMEOUT | ERROR TW_TIMEOUT | timeout | 1 | nothing",
      "timeout › retry | body aborts late | TW_TIMEOUT | ERROR TW_TIMEOUT | timeout | 1 | nothing",
      "timeout › retry | client gone | AbortError: This operation was aborted | unset | client | 1 | nothing",
      "timeout › retry | process stopping | TW_CANCELLED | ERROR TW_CANCELLED | shutdown | 1 | nothing",
      "cache | body throws | Error: broken | ERROR Error | miss |  | nothing",
      "cache | body ignores its signal | TW_CANCELLED | ERROR span_not_ended | miss |  | stuck at close: work, 1 listeners",
      "cache | body aborts late | AbortError: This operation was aborted | unset | client |  | nothing",
      "cache | client gone | AbortError: This operation was aborted | unset | client |  | nothing",
      "cache | process stopping | TW_CANCELLED | ERROR TW_CANCELLED | shutdown |  | nothing",
      "limit | body throws | Error: broken | ERROR Error |  |  | nothing",
      "limit | body ignores its signal | waits | ERROR span_not_ended |  |  | stuck at close: work",
      "limit | body aborts late | AbortError: This operation was aborted | unset | client |  | nothing",
      "limit | client gone | AbortError: This operation was aborted | unset | client |  | nothing",
      "limit | process stopping | TW_CANCELLED | ERROR TW_CANCELLED | shutdown |  | nothing",
      "breaker | body throws | Error: broken | ERROR Error |  |  | nothing",
      "breaker | body ignores its signal | waits | ERROR span_not_ended |  |  | stuck at close: work, 1 listeners",
      "breaker | body aborts late | AbortError: This operation was aborted | unset | client |  | nothing",
      "breaker | client gone | AbortError: This operation was aborted | unset | client |  | nothing",
      "breaker | process stopping | TW_CANCELLED | ERROR TW_CANCELLED | shutdown |  | nothing",
      "cache | store throws | 42 | unset | failed |  | nothing",
      "cache | store hangs | 42 | unset | failed |  | nothing",
      "limit | queue full | TW_LIMITED | ERROR TW_LIMITED |  |  | nothing",
      "limit | waits too long | TW_LIMITED | ERROR TW_LIMITED |  |  | nothing",
      "breaker | open | TW_BREAKER_OPEN | ERROR TW_BREAKER_OPEN |  |  | nothing",
    ]
  `);
});
