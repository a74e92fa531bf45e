import { createInbox, type Msg, nanos, type Subscription } from '@nats-io/nats-core';
import type { NatsLink } from './nats-link.ts';
import type { NatsConsumer } from './nats-streams.ts';

/** How long the server keeps a request for messages, in milliseconds. */
const expiresMs = 30_000;

export interface PullEvents {
  readonly onMessage: (message: Msg) => void;
  /** The request has ended: with a failure, or because its time was over. */
  readonly onEnd: (failure: string | undefined) => void;
}

/** Where the messages of one consumer arrive that were asked for, one request at a time. */
export class PullInbox {
  readonly #link: NatsLink;
  readonly #events: PullEvents;
  readonly #address = createInbox();
  readonly #subscription: Subscription;
  #pulls = 0;
  #wanted = 0;

  constructor(link: NatsLink, events: PullEvents) {
    this.#link = link;
    this.#events = events;
    this.#subscription = link.client.subscribe(`${this.#address}.*`, {
      callback: (error, message) => (error === null ? this.#hear(message) : this.#end(error.message)),
    });
  }

  /** How many messages the server may still send. */
  get wanted(): number {
    return this.#wanted;
  }

  /** When a request is over that nobody has answered, the server has lost it. Milliseconds. */
  static readonly silenceMs = expiresMs + 5000;

  ask({ stream, consumer }: NatsConsumer, batch: number): void {
    this.#pulls += 1;
    this.#wanted = batch;
    const request = JSON.stringify({ batch, expires: nanos(expiresMs) });
    const reply = `${this.#address}.${this.#pulls}`;
    this.#link.client.publish(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`, request, { reply });
  }

  /** Takes the request back. What the server had sent by then has come when this resolves. */
  async close(): Promise<void> {
    this.#wanted = 0;
    if (!this.#link.isUp) {
      this.drop();
      return;
    }
    // It waits for the server as long as the connection holds; `flush` knows how long that may be.
    this.#subscription.drain().catch(() => undefined);
    await this.#link.flush();
    this.drop();
  }

  /** Takes nothing from it any more. */
  drop(): void {
    this.#wanted = 0;
    if (!this.#subscription.isClosed()) this.#subscription.unsubscribe();
  }

  #hear(message: Msg): void {
    const isOfServer = message.subject.startsWith(this.#address);
    if (!isOfServer) {
      this.#wanted = Math.max(0, this.#wanted - 1);
      this.#events.onMessage(message);
    } else if (message.subject === `${this.#address}.${this.#pulls}`) {
      this.#status(message.headers?.code ?? 0, message.headers?.description ?? '');
    }
  }

  #status(code: number, description: string): void {
    // Heartbeats.
    if (code === 100) return;
    const isOver = code === 404 || code === 408 || /batch completed|leadership change|server shutdown/i.test(description);
    this.#end(isOver ? undefined : `${code} ${description}`.trim());
  }

  #end(failure: string | undefined): void {
    this.#wanted = 0;
    this.#events.onEnd(failure);
  }
}
