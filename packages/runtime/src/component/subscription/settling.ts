import { attributes } from '@tracewright/conventions';
import { backoffMs } from '../../kernel/backoff.ts';
import { requireAnswer } from '../../kernel/check.ts';
import type { Around } from '../../kernel/interceptor.ts';
import { requireScope, type RunningScope } from '../../kernel/running-scope.ts';
import type { Scope } from '../../kernel/scope.ts';
import { reportFault } from '../../kernel/telemetry.ts';
import { MessageMetrics } from '../message-metrics.ts';
import { type Outlet, outletFor } from '../publish.ts';
import type { Delivery } from '../transport.ts';
import { bury } from './dead-letter.ts';
import { mayPass } from './may-pass.ts';
import type { SubscriptionSettings } from './subscription-options.ts';
import type { SubscriptionStats } from './subscription.ts';
import type { Turn } from './turns.ts';

/** What became of a message. */
export type Settlement = 'ack' | 'retry' | 'dead_letter' | 'dropped';

/** A message that is held, with the tries that it has had here. */
export interface HeldMessage {
  readonly delivery: Delivery;
  triesHere: number;
  /** Why it was given up, where it could not be put into the dead letter yet: nobody handles it again. */
  givenUp?: { readonly error: unknown; readonly attempt: number } | undefined;
}

/** One try, as the operation and its interceptors share it. */
export interface Try {
  readonly held: HeldMessage;
  readonly delivery: Delivery;
  readonly attempt: number;
  /** What is to be done with the message afterwards. */
  turn: Turn;
  /** The scope that the handler got. */
  handledIn?: Scope;
}

/** The next try of a message. */
export function tryOf(held: HeldMessage): Try {
  const { delivery, givenUp } = held;
  if (givenUp !== undefined) return { held, delivery, attempt: givenUp.attempt, turn: 'done' };
  const attempt = delivery.attempt + held.triesHere;
  held.triesHere += 1;
  return { held, delivery, attempt, turn: 'done' };
}

export interface SettlingSetting {
  /** In which tries are begun: the subscription's. */
  readonly scope: RunningScope;
  /** Where the messages come from. */
  readonly source: Outlet;
  readonly group: string;
  readonly settings: SubscriptionSettings;
  readonly stats: SubscriptionStats;
  /** Whether the broker can hold a message back without breaking the order that was asked for. */
  readonly brokerWaits: (delivery: Delivery) => boolean;
  /** Whether new work is still begun: else what is to be tried again goes back to the broker. */
  readonly goesOn: () => boolean;
}

/** Tells the broker what became of a message, inside the operation of the try: the span ends when the broker knows. */
export class Settling {
  readonly metrics: MessageMetrics;
  readonly #given: SettlingSetting;
  /** Where messages go that cannot be handled; nowhere where they are dropped. */
  readonly #grave: Outlet | undefined;

  constructor(given: SettlingSetting) {
    const { scope, source, group, settings } = given;
    this.#given = given;
    this.metrics = new MessageMetrics(scope.kernel.settings, { ...source, group });
    this.#grave = settings.deadLetter === 'drop' ? undefined : outletFor(scope, source, settings.deadLetter.destination);
  }

  /** Around the handling of one message, outside of all that its author put there: whatever happens, the broker is told. */
  readonly around: Around = (given, next) => {
    const scope = requireScope(given);
    const tried = scope.parts.inputs[0] as Try; // What the work gives to `execute`.
    return next(scope).then(
      async (value) => {
        this.#note(scope, await this.succeeded(tried));
        return value;
      },
      async (error: unknown) => {
        this.#note(scope, await this.failed(scope, tried, error));
        throw error;
      },
    );
  };

  /** @throws whatever the transport does: the broker has not been told */
  async succeeded({ delivery }: Try): Promise<Settlement> {
    await delivery.ack();
    return this.#count('ack');
  }

  /** Never rejects. `undefined` where the broker could not be told: it finds out by itself, and delivers the message again. */
  async failed(scope: RunningScope, tried: Try, error: unknown): Promise<Settlement | undefined> {
    try {
      return await this.#settle(scope, tried, error);
    } catch (mistake) {
      reportFault(`the broker was not told what became of a message of ${this.#given.source.destination}`, mistake);
      return undefined;
    }
  }

  async #settle(scope: RunningScope, tried: Try, error: unknown): Promise<Settlement> {
    const { settings } = this.#given;
    const grave = this.#grave;
    const isGivenUp = tried.held.givenUp !== undefined;
    // Cut off from outside, which says nothing about the message.
    if (scope.parts.cancellation.aborted) return await this.#giveBack(tried.delivery, 0);
    if (!isGivenUp && tried.attempt < settings.maxAttempts && scope.activate(() => this.#mayPass(error, tried.attempt)))
      return await this.#again(tried);
    if (grave !== undefined) return await this.#bury(scope, tried, { error, grave });
    await tried.delivery.ack();
    return this.#count('dropped');
  }

  async #bury(scope: RunningScope, tried: Try, { error, grave }: { readonly error: unknown; readonly grave: Outlet }): Promise<Settlement> {
    const { source, group } = this.#given;
    const origin = source.destination;
    const { delivery, attempt } = tried;
    try {
      await bury(scope, grave, { delivery, burial: { error, attempts: attempt, origin, group } });
    } catch (mistake) {
      // Nothing is lost: it is kept until there is a dead letter to put it into, and handled no more.
      reportFault(`a message of ${origin} could not be put into the dead letter`, mistake);
      tried.held.givenUp = { error, attempt };
      return await this.#burialAgain(tried);
    }
    await delivery.ack();
    return this.#count('dead_letter');
  }

  async #burialAgain(tried: Try): Promise<Settlement> {
    const { settings, goesOn } = this.#given;
    if (!goesOn()) return await this.#giveBack(tried.delivery, 0);
    tried.held.triesHere += 1;
    tried.turn = { againAfterMs: backoffMs(settings.backoff, tried.attempt + tried.held.triesHere) };
    return this.#count('retry');
  }

  async #again(tried: Try): Promise<Settlement> {
    const { settings, brokerWaits, goesOn } = this.#given;
    const delayMs = backoffMs(settings.backoff, tried.attempt);
    if (brokerWaits(tried.delivery) || !goesOn()) return await this.#giveBack(tried.delivery, delayMs);
    tried.turn = { againAfterMs: delayMs };
    return this.#count('retry');
  }

  async #giveBack(delivery: Delivery, delayMs: number): Promise<Settlement> {
    await delivery.retry(delayMs);
    return this.#count('retry');
  }

  #mayPass(error: unknown, attempt: number): boolean {
    const { settings, source } = this.#given;
    const { retryable } = settings;
    if (retryable === undefined) return mayPass(error);
    try {
      return requireAnswer('subscribe.retry.retryable', retryable(error, { attempt }));
    } catch (mistake) {
      reportFault(`retryable of the subscription to ${source.destination} failed`, mistake);
      return mayPass(error);
    }
  }

  #count(settlement: Settlement): Settlement {
    const { stats } = this.#given;
    this.metrics.settled(settlement);
    if (settlement === 'ack') stats.handled += 1;
    else if (settlement === 'retry') stats.retried += 1;
    else if (settlement === 'dead_letter') stats.deadLettered += 1;
    else stats.dropped += 1;
    return settlement;
  }

  #note({ parts }: RunningScope, settlement: Settlement | undefined): void {
    if (settlement !== undefined) parts.spans.note(attributes.settled.key, settlement);
  }
}
