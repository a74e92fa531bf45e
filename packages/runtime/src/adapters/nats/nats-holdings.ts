import type { NatsDelivery } from './nats-delivery.ts';

/** What has come for one member of a group: what was not asked for yet, and what was given out and is not settled. */
export class NatsHoldings {
  readonly #ackWaitMs: number;
  #arrived: NatsDelivery[] = [];
  readonly #given = new Set<NatsDelivery>();

  constructor(ackWaitMs: number) {
    this.#ackWaitMs = ackWaitMs;
  }

  /** How many have come that nobody has asked for yet. */
  get arrived(): number {
    return this.#arrived.length;
  }

  /** How many were given out and are not settled. */
  get given(): number {
    return this.#given.size;
  }

  add(delivery: NatsDelivery): void {
    this.#arrived.push(delivery);
  }

  /** Gives out at most `max` of those that have come. */
  take(max: number): readonly NatsDelivery[] {
    // The server has taken back what has lain here for too long.
    if (this.#arrived.some(({ restMs }) => restMs === 0)) this.#arrived = this.#arrived.filter(({ restMs }) => restMs > 0);
    const taken = this.#arrived.splice(0, max);
    for (const delivery of taken) this.#given.add(delivery);
    return taken;
  }

  settled(delivery: NatsDelivery): void {
    this.#given.delete(delivery);
  }

  /** Messages that the server has taken back are held no longer. Returns when the next one will be, in milliseconds. */
  forgetTakenBack(): number {
    let nextMs = this.#ackWaitMs;
    for (const delivery of this.#given) {
      const { restMs } = delivery;
      if (restMs === 0) this.#given.delete(delivery);
      else nextMs = Math.min(nextMs, restMs);
    }
    return nextMs;
  }

  /** What nobody has asked for goes back to the server. */
  giveBackArrived(): void {
    for (const delivery of this.#arrived.splice(0)) delivery.giveBack();
  }

  giveBackAll(): void {
    this.giveBackArrived();
    for (const delivery of [...this.#given]) delivery.giveBack();
    this.#given.clear();
  }
}
