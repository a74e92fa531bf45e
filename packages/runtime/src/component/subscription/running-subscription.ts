import { backoffMs, type Backoff } from '../../kernel/backoff.ts';
import { TracewrightError } from '../../kernel/errors.ts';
import { requireScope, type RunningScope } from '../../kernel/running-scope.ts';
import { reportFault } from '../../kernel/telemetry.ts';
import type { Lifecycle, LifecycleHandle } from '../../lifecycle/lifecycle.ts';
import type { Outcome } from '../../lifecycle/outcome.ts';
import type { AnyHandler, BatchHandler, Handler } from '../message.ts';
import type { Outlet } from '../publish.ts';
import type { Delivery, MessageSource, Transport } from '../transport.ts';
import { BatchTurns } from './batch-turns.ts';
import { BatchWork } from './batch-work.ts';
import { MessageWork, type WorkSetting } from './message-work.ts';
import { Pause } from './pause.ts';
import type { HeldMessage } from './settling.ts';
import type { SubscriptionSettings } from './subscription-options.ts';
import type { Subscription, SubscriptionStats } from './subscription.ts';
import { Turns, type TurnTaking } from './turns.ts';

export interface SubscriptionSetting extends Pick<WorkSetting, 'interest' | 'group' | 'contract'> {
  /** Of batches where the settings say so. */
  readonly handler: AnyHandler;
  readonly settings: SubscriptionSettings;
  readonly transport: Pick<Transport, 'capabilities' | 'settleWithinMs'>;
  readonly outlet: Outlet;
}

/** The wait before the broker is asked again that did not answer. */
const reconnecting: Backoff = { delayMs: 200, maxDelayMs: 30_000, jitter: 'half', random: Math.random };

/** The broker is told that held messages are still in work before a third of its deadline has passed, at the latest after so many milliseconds. */
const maxExtendEveryMs = 10_000;

/** Of what may be held, the part below which more is asked for: to ask for each message alone costs as much as to handle it. */
const refillShare = 0.75;

/** Receives messages and gives them their turns, from when it is made until its lifecycle stops. It has no span. */
export class RunningSubscription implements Subscription {
  readonly interest: string;
  readonly destination: string;
  readonly ready: Promise<void>;
  readonly stats: SubscriptionStats = { received: 0, handled: 0, failed: 0, retried: 0, deadLettered: 0, dropped: 0, inFlight: 0 };
  readonly #given: SubscriptionSetting;
  readonly #pause = new Pause();
  readonly #lifecycle: LifecycleHandle;

  /** @throws {TracewrightError} `TW_LIFECYCLE_STATE` when `parent` is stopping */
  constructor(parent: Lifecycle, given: SubscriptionSetting) {
    this.interest = given.interest;
    this.destination = given.outlet.destination;
    this.#given = given;
    let isReady: () => void = () => undefined;
    let isRefused: (error: unknown) => void = () => undefined;
    this.ready = new Promise((resolve, reject) => {
      isReady = resolve;
      isRefused = reject;
    });
    // Whoever asks is told; nobody has to ask.
    this.ready.catch(() => undefined);
    const body = async (lifecycle: Lifecycle): Promise<void> => {
      try {
        await this.#run(lifecycle, isReady);
      } catch (error) {
        isRefused(error);
        throw error;
      }
    };
    // A component that does not get its messages any more has failed.
    this.#lifecycle = parent.fork(given.interest, body, { onFailure: 'fail' });
  }

  get done(): Promise<Outcome> {
    return this.#lifecycle.done;
  }

  pause(): void {
    this.#pause.begin();
  }

  resume(): void {
    this.#pause.end();
  }

  stop(): Promise<boolean> {
    return this.#lifecycle.stop();
  }

  async #run(lifecycle: Lifecycle, isReady: () => void): Promise<void> {
    const { group, settings, outlet } = this.#given;
    const source = await outlet.connection.subscribe(this.destination, {
      group,
      // Those that wait to be tried again are held, too.
      prefetch: settings.prefetch * 2,
      signal: lifecycle.signal,
    });
    try {
      await this.#serve(lifecycle, source, isReady);
    } finally {
      this.#pause.release();
      await source.close();
    }
  }

  async #serve(lifecycle: Lifecycle, source: MessageSource, isReady: () => void): Promise<void> {
    const scope = requireScope(lifecycle.scope);
    const turns = this.#turns(lifecycle, scope, this.#given.outlet);
    this.#pause.onChange = (lasts) => turns.hold(lasts);
    const { capabilities, settleWithinMs = Number.POSITIVE_INFINITY } = this.#given.transport;
    const everyMs = Math.min(maxExtendEveryMs, settleWithinMs / 3);
    const stopExtending = capabilities.extend ? extendWhileHeld(scope, turns, everyMs) : () => undefined;
    // What is terminated is given back, and not kept from others by work that does not listen.
    lifecycle.signal.addEventListener('abort', stopExtending, { once: true });
    isReady();
    try {
      await this.#receive(lifecycle, source, turns);
    } finally {
      await Promise.all(turns.close().map(({ delivery }) => delivery.retry(0).catch(reportUnsettled)));
      await turns.idle();
      lifecycle.signal.removeEventListener('abort', stopExtending);
      stopExtending();
    }
  }

  async #receive(lifecycle: Lifecycle, source: MessageSource, turns: TurnTaking<HeldMessage>): Promise<void> {
    const { grace, scope } = lifecycle;
    const { prefetch, concurrency, batch } = this.#given.settings;
    let isShort = true;
    // Asked for when there is need: somebody would begin at once, or the broker had less than it was asked for, and a request may still stand.
    const limitOf = (): number => (isShort || turns.isIdling ? prefetch : refillBelow);
    const refillBelow = Math.min(prefetch, Math.max(concurrency * (batch?.size ?? 1) + 1, Math.floor(prefetch * refillShare)));
    for (let failures = 0; lifecycle.running; ) {
      await turns.holding.below(limitOf, grace);
      const wanted = await this.#pause.over(grace);
      if (!lifecycle.running) return;
      let deliveries: readonly Delivery[];
      try {
        const asked = prefetch - turns.holding.count;
        deliveries = await source.receive(asked, wanted);
        isShort = deliveries.length < asked;
        failures = 0;
      } catch (error) {
        failures += 1;
        reportFault(`receiving from ${this.destination} failed ${failures} times in a row; it is tried again`, error);
        await scope.clock.sleep(backoffMs(reconnecting, failures), { signal: grace }).catch(() => undefined);
        continue;
      }
      for (const delivery of deliveries) this.#take(turns, delivery);
      if (deliveries.length === 0 && !wanted.aborted) throw this.#closed();
    }
  }

  /** Nobody has asked for this end: without its messages, the component has failed. */
  #closed(): TracewrightError<'TW_TRANSPORT'> {
    const { destination } = this;
    return new TracewrightError('TW_TRANSPORT', `the subscription to ${destination} was closed by the broker`, { data: { destination } });
  }

  #take(turns: TurnTaking<HeldMessage>, delivery: Delivery): void {
    this.stats.received += 1;
    turns.add({ delivery, triesHere: 0 });
  }

  #turns(lifecycle: Lifecycle, scope: RunningScope, source: Outlet): TurnTaking<HeldMessage> {
    const { settings, transport } = this.#given;
    const { capabilities } = transport;
    const { concurrency, laneOf, order, prefetch } = settings;
    const brokerWaits = (delivery: Delivery): boolean =>
      // Whoever holds it back has to count: else it would come again for ever.
      capabilities.delayedRetry &&
      capabilities.countsDeliveries &&
      (laneOf(delivery) === undefined || (order === 'key' && capabilities.keyOrder));
    const goesOn = (): boolean => lifecycle.running;
    const given = { ...this.#given, scope, source, stats: this.stats, brokerWaits, goesOn };
    const { perSecond, batch } = settings;
    const { clock } = scope;
    if (batch !== undefined) {
      // A span has room for so many links, and one is for what the component itself followed from.
      const size = Math.max(1, Math.min(batch.size, scope.kernel.settings.limits.linksPerSpan - 1));
      const { try: work } = new BatchWork({ ...given, handler: this.#given.handler as BatchHandler<unknown> }); // Of the interest's payloads, which pass the contract.
      return new BatchTurns<HeldMessage>({ concurrency, perSecond, clock, size, waitMs: batch.waitMs, beside: prefetch, work });
    }
    const work = new MessageWork({ ...given, handler: this.#given.handler as Handler<unknown> }); // As above.
    return new Turns<HeldMessage>({
      concurrency,
      laneOf: ({ delivery }) => laneOf(delivery),
      work: work.try,
      perSecond,
      clock,
      beside: prefetch,
    });
  }
}

/** Tells the broker now and then that held messages are not forgotten. Returns what ends that. */
function extendWhileHeld(scope: RunningScope, turns: TurnTaking<HeldMessage>, everyMs: number): () => void {
  let cancel = (): void => undefined;
  const again = (): void => {
    for (const { delivery } of turns.all()) void delivery.extend().catch(reportUnsettled);
    cancel = scope.clock.setTimer(again, everyMs);
  };
  cancel = scope.clock.setTimer(again, everyMs);
  return () => cancel();
}

function reportUnsettled(error: unknown): void {
  reportFault('a broker was not told about a message', error);
}
