import { badOption } from '../../kernel/errors.ts';
import type { Delivery } from '../../component/transport.ts';
import { decodeRecord } from './message-record.ts';
import type { TakenMessage } from './partition-log.ts';

export interface DeliveryTerms {
  readonly topic: string;
  /** Resolves when the group has committed it, as far as that can be done yet. */
  readonly onAck: (taken: TakenMessage) => Promise<void>;
  readonly onRetry: (taken: TakenMessage) => void;
}

/** One handing-out of a message. Where its partition has gone to another member, settling it changes nothing any more. */
export class KafkaDelivery implements Delivery {
  readonly id: string;
  readonly key: string | undefined;
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  /** Kafka does not count deliveries. */
  readonly attempt = 1;
  readonly publishedAt: number | undefined;
  readonly partition: string;
  readonly #taken: TakenMessage;
  readonly #terms: DeliveryTerms;
  #isSettled = false;

  constructor(taken: TakenMessage, terms: DeliveryTerms) {
    const { message, log } = taken;
    const { id, key, headers, publishedAt } = decodeRecord(message, `${terms.topic}:${log.partition}:${message.offset}`);
    this.id = id;
    this.key = key;
    // A later delivery gets the bytes as they were published; a message without a body is a tombstone.
    this.body = new Uint8Array(message.value ?? []);
    this.headers = headers;
    this.publishedAt = publishedAt;
    this.partition = String(log.partition);
    this.#taken = taken;
    this.#terms = terms;
  }

  /** @throws {TracewrightError} `TW_TRANSPORT` where the broker did not say that it has heard it; it is told again with the next one */
  async ack(): Promise<void> {
    if (this.#isSettled) return;
    this.#isSettled = true;
    await this.#terms.onAck(this.#taken);
  }

  /** @throws {TracewrightError} `TW_BAD_OPTION` for a delay that is no number of milliseconds; the message stays unsettled then */
  async retry(delayMs: number): Promise<void> {
    if (!(delayMs >= 0 && delayMs < Number.POSITIVE_INFINITY)) throw badOption('delayMs', 'a finite number of at least 0', delayMs);
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#terms.onRetry(this.#taken);
  }

  /** There is no deadline for a message: a member keeps what it has for as long as it says that it lives, and that is said for it. */
  async extend(): Promise<void> {}
}
