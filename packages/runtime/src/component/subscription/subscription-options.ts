import type { Backoff } from '../../kernel/backoff.ts';
import { requireCount, requireFunction, requireKnownKeys, requirePlainObject, requirePositive, requireText } from '../../kernel/check.ts';
import { badOption } from '../../kernel/errors.ts';
import { compose, type Interceptor } from '../../kernel/interceptor.ts';
import { deadLetterOf } from '../dead-letter-name.ts';
import type { Delivery } from '../transport.ts';
import type { BatchSubscribeOptions, MessageRetry, SeenMessages, SubscribeOptions } from './subscription.ts';

/** Options, checked. */
export interface SubscriptionSettings {
  readonly concurrency: number;
  readonly perSecond: number | undefined;
  readonly batch: { readonly size: number; readonly waitMs: number } | undefined;
  readonly seen: SeenMessages | undefined;
  readonly prefetch: number;
  readonly order: 'key' | 'none' | 'all';
  /** Which messages wait for one another: those with equal, defined values. */
  readonly laneOf: (delivery: Delivery) => string | undefined;
  readonly maxAttempts: number;
  readonly backoff: Backoff;
  readonly retryable: MessageRetry['retryable'];
  readonly deadLetter: { readonly destination: string } | 'drop';
  readonly joins: boolean;
  readonly timeoutMs: number | undefined;
  readonly carriesContent: boolean;
  readonly interceptors: readonly Interceptor[];
}

const known = [
  'concurrency',
  'perSecond',
  'prefetch',
  'order',
  'retry',
  'deadLetter',
  'delivery',
  'seen',
  'timeoutMs',
  'carriesContent',
  'interceptors',
];

const knownOfBatches = [...known.filter((name) => !['order', 'delivery', 'seen'].includes(name)), 'batch'];

const lanes = {
  key: ({ key }: Delivery): string | undefined => key,
  none: (): undefined => undefined,
  all: (): string => '',
} as const;

/** @throws {TracewrightError} `TW_BAD_OPTION` naming the wrong option and the value received */
export function requireSubscribeOptions(destination: string, options: SubscribeOptions | BatchSubscribeOptions): SubscriptionSettings {
  const isBatch = 'batch' in requirePlainObject('subscribe', options);
  requireKnownKeys('subscribe', options, isBatch ? knownOfBatches : known);
  const batch = 'batch' in options ? requireBatch(options.batch) : undefined;
  const {
    concurrency = 1,
    perSecond,
    prefetch,
    order = 'key',
    deadLetter,
    delivery = 'link',
    seen,
    timeoutMs,
    carriesContent = false,
    interceptors = [],
  }: SubscribeOptions = options;
  requireCount('subscribe.concurrency', concurrency);
  if (!Object.hasOwn(lanes, order)) throw badOption('subscribe.order', Object.keys(lanes).join(', '), order);
  if (delivery !== 'link' && delivery !== 'join') throw badOption('subscribe.delivery', "'link' or 'join'", delivery);
  if (typeof carriesContent !== 'boolean') throw badOption('subscribe.carriesContent', 'a boolean', carriesContent);
  if (!Array.isArray(interceptors)) throw badOption('subscribe.interceptors', 'an array', interceptors);
  const atOnce = concurrency * (batch?.size ?? 1);
  if (prefetch !== undefined && requireCount('subscribe.prefetch', prefetch) < atOnce)
    throw badOption('subscribe.prefetch', `at least what is handled at once (${atOnce})`, prefetch);
  return {
    concurrency,
    perSecond: perSecond === undefined ? undefined : requireCount('subscribe.perSecond', perSecond),
    seen: seen === undefined ? undefined : requireSeen(seen),
    batch,
    prefetch: prefetch ?? atOnce * 2,
    order,
    laneOf: lanes[order],
    ...requireRetry(options.retry ?? {}),
    deadLetter: requireDeadLetter(destination, deadLetter),
    joins: delivery === 'join',
    timeoutMs: timeoutMs === undefined ? undefined : requirePositive('subscribe.timeoutMs', timeoutMs),
    carriesContent,
    interceptors: requireInterceptors(interceptors),
  };
}

function requireInterceptors(interceptors: readonly Interceptor[]): readonly Interceptor[] {
  compose(interceptors);
  return [...interceptors];
}

function requireBatch(batch: BatchSubscribeOptions['batch']): NonNullable<SubscriptionSettings['batch']> {
  requireKnownKeys('subscribe.batch', requirePlainObject('subscribe.batch', batch), ['size', 'waitMs']);
  const { size, waitMs = 100 } = batch;
  return { size: requireCount('subscribe.batch.size', size), waitMs: requirePositive('subscribe.batch.waitMs', waitMs) };
}

function requireSeen(seen: SeenMessages): SeenMessages {
  if (typeof seen !== 'object' || (seen as unknown) === null) throw badOption('subscribe.seen', 'an object with has and add', seen);
  requireFunction('subscribe.seen.has', seen.has);
  requireFunction('subscribe.seen.add', seen.add);
  return seen;
}

function requireRetry(retry: MessageRetry): Pick<SubscriptionSettings, 'maxAttempts' | 'backoff' | 'retryable'> {
  requireKnownKeys('subscribe.retry', requirePlainObject('subscribe.retry', retry), ['maxAttempts', 'delayMs', 'maxDelayMs', 'retryable']);
  const { maxAttempts = 5, delayMs = 1000, maxDelayMs = 60_000, retryable } = retry;
  requireCount('subscribe.retry.maxAttempts', maxAttempts);
  requirePositive('subscribe.retry.maxDelayMs', maxDelayMs);
  if (requirePositive('subscribe.retry.delayMs', delayMs) > maxDelayMs)
    throw badOption('subscribe.retry.delayMs', `at most maxDelayMs (${maxDelayMs})`, delayMs);
  if (retryable !== undefined) requireFunction('subscribe.retry.retryable', retryable);
  return { maxAttempts, backoff: { delayMs, maxDelayMs, jitter: 'full', random: Math.random }, retryable };
}

function requireDeadLetter(destination: string, given: SubscribeOptions['deadLetter']): SubscriptionSettings['deadLetter'] {
  if (given === undefined) return { destination: deadLetterOf(destination) };
  if (given === 'drop') return given;
  requireKnownKeys('subscribe.deadLetter', requirePlainObject('subscribe.deadLetter', given), ['destination']);
  if (requireText('subscribe.deadLetter.destination', given.destination) === destination)
    throw badOption('subscribe.deadLetter.destination', 'another destination than the one that is subscribed to', destination);
  return { destination: given.destination };
}
