import type { Msg } from '@nats-io/nats-core';
import type { TracewrightError } from '../../kernel/errors.ts';
import { natsError } from './nats-error.ts';
import type { NatsLink } from './nats-link.ts';
import type { NatsConsumer, NatsStreams } from './nats-streams.ts';
import { PullInbox } from './pull-inbox.ts';

export interface PullingOptions {
  readonly link: NatsLink;
  readonly streams: NatsStreams;
  readonly destination: string;
  readonly group: string;
  readonly place: NatsConsumer;
}

export interface PullingEvents {
  readonly onMessage: (message: Msg) => void;
  readonly onFailure: (failure: TracewrightError) => void;
  /** It may be worth asking again. */
  readonly onChange: () => void;
}

/** Asks the server for the messages of one consumer, and looks for the consumer again when it may be gone. */
export class NatsPulling {
  readonly #options: PullingOptions;
  readonly #events: PullingEvents;
  #place: NatsConsumer | undefined;
  #inbox: PullInbox | undefined;
  /** Where to ask is being looked up, or what was asked for is let go: nothing can be asked for meanwhile. */
  #isBusy = false;

  constructor(options: PullingOptions, events: PullingEvents) {
    this.#options = options;
    this.#events = events;
    this.#place = options.place;
  }

  /** How many messages the server may still send. */
  get wanted(): number {
    return this.#inbox?.wanted ?? 0;
  }

  /** Sees to it that messages can be asked for. Returns how long that may take, in milliseconds; nothing where they can be. */
  prepare(): number | undefined {
    const { timeoutMs, isUp } = this.#options.link;
    if (!isUp || this.#isBusy) return timeoutMs;
    if (this.#place !== undefined) return undefined;
    void this.#lookUp();
    return timeoutMs * 2;
  }

  /** Asks for `count` messages unless an earlier request still stands. Returns how long to wait for something to come, in milliseconds. */
  ask(count: number): number {
    const { link } = this.#options;
    if (this.#place === undefined) return link.timeoutMs;
    this.#inbox ??= new PullInbox(link, { onMessage: this.#events.onMessage, onEnd: this.#onEnd });
    if (this.#inbox.wanted === 0) this.#inbox.ask(this.#place, count);
    return PullInbox.silenceMs;
  }

  /** A server that has lost the stream or the consumer does not answer requests for messages: both are looked for before the next one. */
  startOver(): void {
    const { destination, streams } = this.#options;
    this.#inbox?.drop();
    this.#inbox = undefined;
    this.#place = undefined;
    streams.forget(destination);
  }

  /** Takes back what was asked for. Resolves when nothing of it comes any more. */
  async letGo(): Promise<void> {
    this.#isBusy = true;
    await this.#inbox?.close();
    this.#inbox = undefined;
    this.#isBusy = false;
  }

  readonly #onEnd = (failure: string | undefined): void => {
    const { destination } = this.#options;
    if (failure !== undefined) {
      const text = `NATS refused to send messages of "${destination}": ${failure}`;
      this.#events.onFailure(natsError(text, { data: { destination, ...this.#place } }));
      this.startOver();
    }
    this.#events.onChange();
  };

  async #lookUp(): Promise<void> {
    const { streams, group, destination } = this.#options;
    this.#isBusy = true;
    try {
      this.#place = await streams.consumerOf(group, destination);
    } catch (error) {
      this.#events.onFailure(natsError(`"${destination}" cannot be received from NATS`, { data: { destination, group }, cause: error }));
    }
    this.#isBusy = false;
    this.#events.onChange();
  }
}
