import type { Msg } from '@nats-io/nats-core';
import { requireCount } from '../../kernel/check.ts';
import { systemClock } from '../../kernel/clock.ts';
import type { TracewrightError } from '../../kernel/errors.ts';
import type { Delivery, MessageSource } from '../../component/transport.ts';
import { type DeliveryTerms, NatsDelivery } from './nats-delivery.ts';
import { natsError } from './nats-error.ts';
import type { NatsLink } from './nats-link.ts';
import type { NatsConsumer, NatsStreams } from './nats-streams.ts';
import { PullInbox } from './pull-inbox.ts';

export interface NatsSourceOptions {
  readonly link: NatsLink;
  readonly streams: NatsStreams;
  readonly destination: string;
  readonly group: string;
  readonly prefetch: number;
  readonly ackWaitMs: number;
  readonly place: NatsConsumer;
  readonly onClosed: (source: NatsSource) => void;
}

/** How long a request that was made stands for the next `receive`, and what it brings is kept. Milliseconds. */
const maxLingerMs = 2000;

const nothing = (): void => undefined;

/**
 * One member of a group. A request to the server cannot be taken back without a message being on its way by then: so it outlives the `receive` that it was made
 * for, serves the next one, and is let go when nobody asks any more.
 */
export class NatsSource implements MessageSource {
  readonly #options: NatsSourceOptions;
  readonly #terms: DeliveryTerms;
  readonly #forgetLink: () => void;
  /** What has come and was not asked for yet. */
  #arrived: NatsDelivery[] = [];
  /** What was given out and is not settled. */
  readonly #held = new Set<NatsDelivery>();
  #place: NatsConsumer | undefined;
  #inbox: PullInbox | undefined;
  /** Where to ask is being looked up, or what was asked for is let go: nothing can be asked for meanwhile. */
  #isBusy = false;
  #isReceiving = false;
  #failure: TracewrightError | undefined;
  #wake = nothing;
  #cancelLinger = nothing;
  #closing: Promise<void> | undefined;

  constructor(options: NatsSourceOptions) {
    this.#options = options;
    this.#place = options.place;
    const { link, ackWaitMs } = options;
    this.#terms = { link, ackWaitMs, onSettled: this.#onSettled };
    this.#forgetLink = link.onChange(this.#onLink);
  }

  async receive(max: number, signal: AbortSignal): Promise<readonly Delivery[]> {
    requireCount('max', max);
    if (this.#closing !== undefined || signal.aborted) return [];
    if (this.#isReceiving) throw natsError('receive was called while an earlier call still waits');
    this.#isReceiving = true;
    this.#failure = undefined;
    this.#cancelLinger();
    try {
      return await this.#next(max, signal);
    } finally {
      this.#isReceiving = false;
      this.#linger();
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#leave();
    return this.#closing;
  }

  async #next(max: number, signal: AbortSignal): Promise<readonly Delivery[]> {
    while (this.#closing === undefined && !signal.aborted) {
      const taken = this.#take(max);
      if (taken.length > 0) return taken;
      if (this.#failure !== undefined) throw this.#failure;
      const patienceMs = this.#ask(max);
      await this.#change(signal, patienceMs);
    }
    return [];
  }

  #take(max: number): readonly NatsDelivery[] {
    // The server has taken back what has lain here for too long.
    if (this.#arrived.some(({ restMs }) => restMs === 0)) this.#arrived = this.#arrived.filter(({ restMs }) => restMs > 0);
    const taken = this.#arrived.splice(0, max);
    for (const delivery of taken) this.#held.add(delivery);
    return taken;
  }

  /** Asks for messages where that can be done. Returns how long to wait for something to happen, in milliseconds. */
  #ask(max: number): number {
    const { link, prefetch } = this.#options;
    if (!link.isUp || this.#isBusy) return link.timeoutMs;
    if (this.#place === undefined) {
      void this.#prepare();
      return link.timeoutMs * 2;
    }
    const freeInMs = this.#forgetTakenBack();
    const room = Math.min(max, prefetch - this.#held.size);
    if (room <= 0) return freeInMs + 1;
    this.#inbox ??= new PullInbox(link, { onMessage: this.#onMessage, onEnd: this.#onEnd });
    if (this.#inbox.wanted === 0) this.#inbox.ask(this.#place, room);
    return PullInbox.silenceMs;
  }

  readonly #onMessage = (message: Msg): void => {
    try {
      this.#arrived.push(new NatsDelivery(message, this.#terms));
    } catch (error) {
      // It must not reach the client, which would stop reading.
      this.#failure = natsError(`what came as a message of "${this.#options.destination}" is none`, { cause: error });
    }
    this.#wake();
  };

  readonly #onEnd = (failure: string | undefined): void => {
    if (failure !== undefined) {
      const { destination } = this.#options;
      this.#failure = natsError(`NATS refused to send messages of "${destination}": ${failure}`, { data: { destination, ...this.#place } });
      this.#startOver();
    }
    this.#wake();
  };

  readonly #onSettled = (delivery: NatsDelivery): void => {
    this.#held.delete(delivery);
    this.#wake();
  };

  readonly #onLink = (): void => {
    const { link } = this.#options;
    if (!link.isUp) {
      this.#startOver();
      this.#failure = link.lost();
    }
    this.#wake();
  };

  /** Waits until anything changes. */
  #change(signal: AbortSignal, patienceMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        cancel();
        signal.removeEventListener('abort', done);
        this.#wake = nothing;
        resolve();
      };
      const cancel = systemClock.setTimer(() => {
        if (!this.#options.link.isUp) this.#failure = this.#options.link.lost();
        else if (patienceMs === PullInbox.silenceMs) this.#startOver();
        done();
      }, patienceMs);
      this.#wake = done;
      signal.addEventListener('abort', done, { once: true });
    });
  }

  /** Messages that the server has taken back are held no longer. Returns when the next one will be, in milliseconds. */
  #forgetTakenBack(): number {
    let nextMs = this.#options.ackWaitMs;
    for (const delivery of this.#held) {
      const { restMs } = delivery;
      if (restMs === 0) this.#held.delete(delivery);
      else nextMs = Math.min(nextMs, restMs);
    }
    return nextMs;
  }

  /** A server that has lost the stream or the consumer does not answer requests for messages: both are looked for before the next one. */
  #startOver(): void {
    const { destination, streams } = this.#options;
    this.#inbox?.drop();
    this.#inbox = undefined;
    this.#place = undefined;
    streams.forget(destination);
  }

  async #prepare(): Promise<void> {
    const { streams, group, destination } = this.#options;
    this.#isBusy = true;
    try {
      this.#place = await streams.consumerOf(group, destination);
    } catch (error) {
      this.#failure = natsError(`"${destination}" cannot be received from NATS`, { data: { destination, group }, cause: error });
    }
    this.#isBusy = false;
    this.#wake();
  }

  #linger(): void {
    const isIdle = this.#arrived.length === 0 && (this.#inbox?.wanted ?? 0) === 0;
    if (isIdle || this.#closing !== undefined) return;
    const ms = Math.min(this.#options.ackWaitMs / 2, maxLingerMs);
    this.#cancelLinger = systemClock.setTimer(() => void this.#letGo(), ms);
  }

  async #letGo(): Promise<void> {
    this.#isBusy = true;
    await this.#inbox?.close();
    this.#inbox = undefined;
    this.#isBusy = false;
    // Whoever has asked meanwhile gets them.
    if (!this.#isReceiving) for (const delivery of this.#arrived.splice(0)) delivery.giveBack();
    this.#wake();
  }

  async #leave(): Promise<void> {
    const { link, onClosed } = this.#options;
    this.#cancelLinger();
    this.#forgetLink();
    this.#wake();
    await this.#inbox?.close();
    for (const delivery of [...this.#arrived, ...this.#held]) delivery.giveBack();
    this.#arrived = [];
    this.#held.clear();
    await link.flush();
    onClosed(this);
  }
}
