import type { Msg } from '@nats-io/nats-core';
import { requireCount } from '../../kernel/check.ts';
import { systemClock } from '../../kernel/clock.ts';
import type { TracewrightError } from '../../kernel/errors.ts';
import type { Delivery, MessageSource } from '../../component/transport.ts';
import { type DeliveryTerms, NatsDelivery } from './nats-delivery.ts';
import { natsError } from './nats-error.ts';
import { NatsHoldings } from './nats-holdings.ts';
import { NatsPulling, type PullingOptions } from './nats-pulling.ts';
import { Patience } from './patience.ts';
import { PullInbox } from './pull-inbox.ts';

export interface NatsSourceOptions extends PullingOptions {
  readonly prefetch: number;
  readonly ackWaitMs: number;
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
  readonly #holdings: NatsHoldings;
  readonly #patience = new Patience();
  readonly #pulling: NatsPulling;
  #isReceiving = false;
  #failure: TracewrightError | undefined;
  #cancelLinger = nothing;
  #closing: Promise<void> | undefined;

  constructor(options: NatsSourceOptions) {
    this.#options = options;
    const { link, ackWaitMs } = options;
    this.#holdings = new NatsHoldings(ackWaitMs);
    this.#terms = { link, ackWaitMs, onSettled: this.#onSettled };
    const onChange = (): void => this.#patience.wake();
    this.#pulling = new NatsPulling(options, { onMessage: this.#onMessage, onFailure: this.#onFailure, onChange });
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
      const taken = this.#holdings.take(max);
      if (taken.length > 0) return taken;
      if (this.#failure !== undefined) throw this.#failure;
      const patienceMs = this.#ask(max);
      if (await this.#patience.wait(signal, patienceMs)) this.#onSilence(patienceMs);
    }
    return [];
  }

  /** Asks for messages where that can be done. Returns how long to wait for something to happen, in milliseconds. */
  #ask(max: number): number {
    const preparingMs = this.#pulling.prepare();
    if (preparingMs !== undefined) return preparingMs;
    const freeInMs = this.#holdings.forgetTakenBack();
    const room = Math.min(max, this.#options.prefetch - this.#holdings.given);
    return room > 0 ? this.#pulling.ask(room) : freeInMs + 1;
  }

  readonly #onMessage = (message: Msg): void => {
    try {
      this.#holdings.add(new NatsDelivery(message, this.#terms));
    } catch (error) {
      // It must not reach the client, which would stop reading.
      this.#failure = natsError(`what came as a message of "${this.#options.destination}" is none`, { cause: error });
    }
    this.#patience.wake();
  };

  readonly #onFailure = (failure: TracewrightError): void => {
    this.#failure = failure;
  };

  readonly #onSettled = (delivery: NatsDelivery): void => {
    this.#holdings.settled(delivery);
    this.#patience.wake();
  };

  readonly #onLink = (): void => {
    const { link } = this.#options;
    if (!link.isUp) {
      this.#pulling.startOver();
      this.#failure = link.lost();
    }
    this.#patience.wake();
  };

  /** Nothing has happened for longer than it may take. */
  #onSilence(patienceMs: number): void {
    const { link } = this.#options;
    if (!link.isUp) this.#failure = link.lost();
    else if (patienceMs === PullInbox.silenceMs) this.#pulling.startOver();
  }

  #linger(): void {
    const isIdle = this.#holdings.arrived === 0 && this.#pulling.wanted === 0;
    if (isIdle || this.#closing !== undefined) return;
    const ms = Math.min(this.#options.ackWaitMs / 2, maxLingerMs);
    this.#cancelLinger = systemClock.setTimer(() => void this.#letGo(), ms);
  }

  async #letGo(): Promise<void> {
    await this.#pulling.letGo();
    // Whoever has asked meanwhile gets them.
    if (!this.#isReceiving) this.#holdings.giveBackArrived();
    this.#patience.wake();
  }

  async #leave(): Promise<void> {
    const { link, onClosed } = this.#options;
    this.#cancelLinger();
    this.#forgetLink();
    this.#patience.wake();
    await this.#pulling.letGo();
    this.#holdings.giveBackAll();
    await link.flush();
    onClosed(this);
  }
}
