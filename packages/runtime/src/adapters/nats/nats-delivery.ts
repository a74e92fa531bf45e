import type { Msg } from '@nats-io/nats-core';
import { systemClock } from '../../kernel/clock.ts';
import { badOption } from '../../kernel/errors.ts';
import type { Delivery } from '../../component/transport.ts';
import { decodeHeaders, headersOf } from './message-headers.ts';
import { natsError } from './nats-error.ts';
import type { NatsLink } from './nats-link.ts';

export interface DeliveryTerms {
  readonly link: NatsLink;
  readonly ackWaitMs: number;
  readonly onSettled: (delivery: NatsDelivery) => void;
}

/** One handing-out of a message. The subject to reply to says all that the server knows about it, and is where it is settled. */
export class NatsDelivery implements Delivery {
  readonly id: string;
  readonly key: string | undefined;
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  readonly attempt: number;
  readonly publishedAt: number;
  readonly #reply: string;
  readonly #terms: DeliveryTerms;
  #isSettled = false;
  /** When the server takes the message back, on the monotonic clock. */
  #deadline: number;

  constructor(message: Msg, terms: DeliveryTerms) {
    const reply = message.reply ?? '';
    const { stream, deliveries, sequence, nanoseconds } = factsOf(reply);
    const { id, key, headers } = decodeHeaders(headersOf(message), `${stream}:${sequence}`);
    this.id = id;
    this.key = key;
    this.headers = headers;
    this.body = message.data;
    this.attempt = deliveries;
    this.publishedAt = Math.floor(nanoseconds / 1_000_000);
    this.#reply = reply;
    this.#terms = terms;
    this.#deadline = systemClock.monotonic() + terms.ackWaitMs;
  }

  /** How long the server leaves the message here, in milliseconds; nothing once it has taken it back. */
  get restMs(): number {
    return Math.max(0, this.#deadline - systemClock.monotonic());
  }

  /** An acknowledgement that comes late is sent all the same: what was handled need not come again. */
  ack(): Promise<void> {
    return this.#settle('+ACK');
  }

  /** @throws {TracewrightError} `TW_BAD_OPTION` for a delay that is no number of milliseconds; the message stays unsettled then */
  async retry(delayMs: number): Promise<void> {
    if (!(delayMs >= 0 && delayMs < Number.POSITIVE_INFINITY)) throw badOption('delayMs', 'a finite number of at least 0', delayMs);
    // Somebody else may have it by now.
    if (this.restMs === 0) this.#forget();
    else await this.#settle(delayMs > 0 ? `-NAK ${JSON.stringify({ delay: Math.round(delayMs * 1_000_000) })}` : '-NAK', this.#isHere);
  }

  async extend(): Promise<void> {
    if (this.#isSettled || this.restMs === 0) return;
    const asked = systemClock.monotonic();
    const isExtended = await this.#terms.link.tell(this.#reply, '+WPI', this.#isHere);
    if (isExtended) this.#deadline = asked + this.#terms.ackWaitMs;
  }

  /** Gives the message back without waiting for the server to say so. */
  giveBack(): void {
    if (this.#isSettled || this.restMs === 0) return;
    this.#forget();
    const { client } = this.#terms.link;
    if (!client.isClosed()) client.publish(this.#reply, '-NAK');
  }

  /** What is nobody's business any more is not told, however long the connection was away. */
  readonly #isHere = (): boolean => this.restMs > 0;

  async #settle(payload: string, isWanted?: () => boolean): Promise<void> {
    if (this.#isSettled) return;
    this.#isSettled = true;
    try {
      await this.#terms.link.tell(this.#reply, payload, isWanted);
    } catch (error) {
      // Nobody knows whether the server has heard it; it may be told again.
      this.#isSettled = false;
      throw error;
    }
    this.#terms.onSettled(this);
  }

  #forget(): void {
    this.#isSettled = true;
    this.#terms.onSettled(this);
  }
}

interface Facts {
  readonly stream: string;
  readonly deliveries: number;
  readonly sequence: string;
  readonly nanoseconds: number;
}

/** Reads `$JS.ACK.[domain.account.]stream.consumer.deliveries.sequence.delivery.nanoseconds.pending[.token]`. */
function factsOf(reply: string): Facts {
  const tokens = reply.split('.');
  const at = tokens.length === 9 ? 2 : 4;
  const [stream, , deliveries, sequence, , nanoseconds] = tokens.slice(at);
  if (stream === undefined || sequence === undefined || nanoseconds === undefined)
    throw natsError('a message came that does not say how it is acknowledged', { data: { reply } });
  return { stream, deliveries: Number(deliveries), sequence, nanoseconds: Number(nanoseconds) };
}
