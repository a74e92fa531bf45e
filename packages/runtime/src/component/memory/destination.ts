import type { Clock } from '../../kernel/clock.ts';
import { brokerError } from './broker-error.ts';
import { Group } from './group.ts';
import type { StoredMessage } from './stored-message.ts';

/** What every destination of one transport goes by. */
export interface BrokerSettings {
  readonly clock: Clock;
  readonly ackTimeoutMs: number;
  readonly maxBacklog: number;
  readonly maxUnsettled: number;
}

/** One destination: its groups, each of which gets every message, and what waits for the first of them. */
export class Destination {
  readonly #name: string;
  readonly #settings: BrokerSettings;
  readonly #groups = new Map<string, Group>();
  #backlog: StoredMessage[] = [];
  #published = 0;

  constructor(name: string, settings: BrokerSettings) {
    this.#name = name;
    this.#settings = settings;
  }

  /** @throws {TracewrightError} `TW_TRANSPORT` when no group is there and no more may wait for one, or when a group has too many */
  publish(message: StoredMessage): void {
    if (this.#groups.size === 0) {
      this.#keep(message);
      return;
    }
    this.#requireRoom();
    this.#hand(message);
  }

  /** The first group takes what has waited for it, in a time that grows with its number; a later one begins with what is published from now on. */
  group(name: string): Group {
    const known = this.#groups.get(name);
    if (known !== undefined) return known;
    const group = new Group(this.#settings.clock, this.#settings.ackTimeoutMs);
    this.#groups.set(name, group);
    const backlog = this.#backlog;
    this.#backlog = [];
    for (const message of backlog) this.#hand(message);
    return group;
  }

  #hand(message: StoredMessage): void {
    this.#published += 1;
    for (const group of this.#groups.values()) group.add(message, this.#published);
  }

  /** All groups get a message, or none does. */
  #requireRoom(): void {
    const { maxUnsettled } = this.#settings;
    for (const [group, { unsettled }] of this.#groups) {
      if (unsettled < maxUnsettled) continue;
      const text = `the group "${group}" of destination "${this.#name}" has ${unsettled} messages already that are not acknowledged (maxUnsettled)`;
      throw brokerError(text, { destination: this.#name, group, maxUnsettled });
    }
  }

  #keep(message: StoredMessage): void {
    const { maxBacklog } = this.#settings;
    if (this.#backlog.length >= maxBacklog) {
      const text = `destination "${this.#name}" has no group, and ${maxBacklog} messages wait for one already (maxBacklog)`;
      throw brokerError(text, { destination: this.#name, maxBacklog });
    }
    this.#backlog.push(message);
  }
}
