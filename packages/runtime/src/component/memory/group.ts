import type { Clock } from '../../kernel/clock.ts';
import { badOption } from '../../kernel/errors.ts';
import type { Delivery } from '../transport.ts';
import { MemoryDelivery } from './memory-delivery.ts';
import type { MemorySource } from './memory-source.ts';
import { OrderedHeap } from './ordered-heap.ts';
import { isPublishedBefore, QueuedMessage } from './queued-message.ts';
import { Schedule } from './schedule.ts';
import type { StoredMessage } from './stored-message.ts';

/**
 * The messages of one destination for one group of consumers. Of those that are ready, the one that was published first always goes first; so what comes back
 * goes before what nobody has had yet. Among members who wait, each gets one in turn, in the order in which they joined.
 *
 * A message costs a time that grows with the logarithm of how many are under way, and with the number of members.
 */
export class Group {
  readonly #ready = new OrderedHeap(isPublishedBefore);
  readonly #schedule: Schedule;
  readonly #ackTimeoutMs: number;
  /** The last message of each key that has one under way; those before it lead to it. */
  readonly #lastOfKey = new Map<string, QueuedMessage>();
  /** In the order in which they joined. */
  readonly #members: MemorySource[] = [];
  /** Whose turn it is first: an index of a member. */
  #turn = 0;
  #unsettled = 0;

  constructor(clock: Clock, ackTimeoutMs: number) {
    this.#ackTimeoutMs = ackTimeoutMs;
    this.#schedule = new Schedule(clock, (due) => {
      for (const queued of due) this.#return(queued);
      this.#dispatch();
    });
  }

  /** How many messages it has that nobody has acknowledged. */
  get unsettled(): number {
    return this.#unsettled;
  }

  add(message: StoredMessage, sequence: number): void {
    this.#unsettled += 1;
    const queued = new QueuedMessage(message, sequence);
    const { key } = message;
    if (key !== undefined) {
      const before = this.#lastOfKey.get(key);
      this.#lastOfKey.set(key, queued);
      if (before !== undefined) {
        before.nextOfKey = queued;
        return;
      }
    }
    this.#ready.add(queued);
    this.#dispatch();
  }

  join(member: MemorySource): void {
    this.#members.push(member);
    this.#schedule.run();
  }

  /** What `member` holds goes back to the others, to each in its place. */
  leave(member: MemorySource): void {
    const index = this.#members.indexOf(member);
    if (index === -1) return;
    this.#members.splice(index, 1);
    if (index < this.#turn) this.#turn -= 1;
    for (const queued of member.held) {
      this.#schedule.remove(queued);
      this.#return(queued);
    }
    if (this.#members.length === 0) this.#schedule.pause();
    this.#dispatch();
  }

  /** Hands out at most `max` to `member`, as far as its prefetch allows. */
  take(member: MemorySource, max: number): readonly Delivery[] {
    const taken: Delivery[] = [];
    while (taken.length < max && member.hasRoom) {
      const queued = this.#ready.takeFirst();
      if (queued === undefined) break;
      queued.deliveries += 1;
      const delivery = new MemoryDelivery(this, queued);
      queued.held = { delivery, by: member };
      member.held.add(queued);
      this.#schedule.add(queued, this.#ackTimeoutMs);
      taken.push(delivery);
    }
    return taken;
  }

  ack(queued: QueuedMessage, delivery: Delivery): void {
    if (!this.#release(queued, delivery)) return;
    this.#unsettled -= 1;
    const { nextOfKey, message } = queued;
    // Whoever keeps this delivery must not keep all later messages with it.
    queued.nextOfKey = undefined;
    if (nextOfKey !== undefined) this.#ready.add(nextOfKey);
    else if (message.key !== undefined) this.#lastOfKey.delete(message.key);
    this.#dispatch();
  }

  retry(queued: QueuedMessage, delivery: Delivery, delayMs: number): void {
    if (!Number.isFinite(delayMs) || delayMs < 0) throw badOption('delayMs', 'a number of milliseconds that is not negative', delayMs);
    if (!this.#release(queued, delivery)) return;
    if (delayMs === 0) this.#ready.add(queued);
    else this.#schedule.add(queued, delayMs);
    this.#dispatch();
  }

  extend(queued: QueuedMessage, delivery: Delivery): void {
    if (queued.held?.delivery !== delivery) return;
    this.#schedule.remove(queued);
    this.#schedule.add(queued, this.#ackTimeoutMs);
  }

  /** Ends the holding of a message that `delivery` still speaks for. */
  #release(queued: QueuedMessage, delivery: Delivery): boolean {
    if (queued.held?.delivery !== delivery) return false;
    this.#schedule.remove(queued);
    queued.held.by.held.delete(queued);
    queued.held = undefined;
    return true;
  }

  #return(queued: QueuedMessage): void {
    queued.held?.by.held.delete(queued);
    queued.held = undefined;
    this.#ready.add(queued);
  }

  #dispatch(): void {
    while (this.#ready.size > 0) {
      const member = this.#nextWaiting();
      if (member === undefined) return;
      member.give(this.take(member, 1));
    }
  }

  #nextWaiting(): MemorySource | undefined {
    const count = this.#members.length;
    for (let step = 0; step < count; step += 1) {
      const index = (this.#turn + step) % count;
      const member = this.#members[index];
      if (member?.isWaiting !== true || !member.hasRoom) continue;
      this.#turn = (index + 1) % count;
      return member;
    }
    return undefined;
  }
}
