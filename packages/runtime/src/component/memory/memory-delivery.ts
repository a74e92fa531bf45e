import type { Delivery } from '../transport.ts';
import type { Group } from './group.ts';
import type { QueuedMessage } from './queued-message.ts';

/** One handing-out of a message. Once it is settled, or the message has gone back to the group, settling it changes nothing any more. */
export class MemoryDelivery implements Delivery {
  readonly id: string;
  readonly key: string | undefined;
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  readonly attempt: number;
  readonly publishedAt: number;
  readonly #group: Group;
  readonly #queued: QueuedMessage;

  constructor(group: Group, queued: QueuedMessage) {
    const { id, key, body, headers, publishedAt } = queued.message;
    this.id = id;
    this.key = key;
    // Other groups, and later attempts, get the bytes as they were published.
    this.body = new Uint8Array(body);
    this.headers = headers;
    this.attempt = queued.deliveries;
    this.publishedAt = publishedAt;
    this.#group = group;
    this.#queued = queued;
  }

  async ack(): Promise<void> {
    this.#group.ack(this.#queued, this);
  }

  /** @throws {TracewrightError} `TW_BAD_OPTION` for a delay that is no number of milliseconds; the message stays unsettled then */
  async retry(delayMs: number): Promise<void> {
    this.#group.retry(this.#queued, this, delayMs);
  }

  async extend(): Promise<void> {
    this.#group.extend(this.#queued, this);
  }
}
