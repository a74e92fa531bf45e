import type { KafkaMessage } from 'kafkajs';
import type { FetchedBatch } from './fetched-batch.ts';

/** What is known of a message until it is committed. Not the message itself: there may be many that are settled and wait for an earlier one. */
interface LogEntry {
  readonly offset: number;
  readonly timestamp: string;
  isSettled: boolean;
}

/** A message, and the place that it was taken from. */
export interface TakenMessage {
  readonly log: PartitionLog;
  readonly entry: LogEntry;
  readonly message: KafkaMessage;
}

/** How far the messages of a partition may be settled ahead of one that is not. More are not given out before that one is: each has to be remembered. */
const maxUncommitted = 10_000;

/**
 * One partition while it is ours: what waits to be given out, what is held, and up to where all is settled. Kafka knows one number for each group and partition:
 * so what is settled out of order is remembered here, until all before it is.
 */
export class PartitionLog {
  readonly partition: number;
  /** What is not committed, in the order of offsets. */
  #entries: LogEntry[] = [];
  /** The same, to find what comes a second time: after each rebalance the client begins again where the group has committed. */
  readonly #byOffset = new Map<number, LogEntry>();
  /** What may be given out, in the order of offsets. */
  #waiting: TakenMessage[] = [];
  /** How many of the entries, from the first on, are settled. */
  #settled = 0;
  /** The offset after the last one that has come. */
  #position = 0;
  /** All before it is committed and forgotten. */
  #start = 0;
  #held = 0;
  /** How often all was forgotten: what was committed before that says nothing of the log that is here now. */
  #age = 0;

  constructor(partition: number) {
    this.partition = partition;
  }

  get age(): number {
    return this.#age;
  }

  /** How many messages may be given out. */
  get takable(): number {
    const given = this.#entries.length - this.#waiting.length;
    return Math.max(0, Math.min(this.#waiting.length, maxUncommitted - given));
  }

  /** Whether as many have come as may be given out before any of them is committed. */
  get isAmple(): boolean {
    return this.#entries.length >= maxUncommitted;
  }

  get held(): number {
    return this.#held;
  }

  /** Takes in what was fetched, and is not here yet. */
  add({ messages, lastOffset, highWatermark }: FetchedBatch): void {
    const end = Math.max(highWatermark, lastOffset + 1);
    for (const message of messages) this.#add(message, end);
    this.#position = Math.max(this.#position, lastOffset + 1);
  }

  take(): TakenMessage | undefined {
    if (this.takable === 0) return undefined;
    const taken = this.#waiting.shift();
    if (taken !== undefined) this.#held += 1;
    return taken;
  }

  /** The message comes again, before all that were published after it and are not given out yet. */
  giveBack(taken: TakenMessage): void {
    const { entry } = taken;
    if (!this.#has(entry)) return;
    this.#held -= 1;
    const next = this.#waiting.findIndex((waiting) => waiting.entry.offset > entry.offset);
    this.#waiting.splice(next === -1 ? this.#waiting.length : next, 0, taken);
  }

  /** The message is done with. Says whether there is something to commit by that. */
  settle({ entry }: TakenMessage): boolean {
    if (!this.#has(entry)) return false;
    this.#held -= 1;
    entry.isSettled = true;
    const before = this.#settled;
    while (this.#entries[this.#settled]?.isSettled === true) this.#settled += 1;
    return this.#settled > before;
  }

  /** The offset up to which all is settled, where that is not committed. */
  get uncommitted(): number | undefined {
    if (this.#settled === 0) return undefined;
    return this.#entries[this.#settled]?.offset ?? this.#position;
  }

  /** Forgets what is below `offset`: the group will not begin there again. `age` is of when that was asked for. */
  committed(offset: number, age: number): void {
    if (age !== this.#age) return;
    this.#start = Math.max(this.#start, offset);
    let count = 0;
    for (const entry of this.#entries) {
      if (entry.offset >= offset || count === this.#settled) break;
      this.#byOffset.delete(entry.offset);
      count += 1;
    }
    this.#entries.splice(0, count);
    this.#settled -= count;
  }

  /** Forgets all: deliveries that are still held settle into nothing. */
  clear(): void {
    this.#entries = [];
    this.#waiting = [];
    this.#byOffset.clear();
    this.#settled = 0;
    this.#held = 0;
    this.#position = 0;
    this.#start = 0;
    this.#age += 1;
  }

  #add(message: KafkaMessage, end: number): void {
    // Kafka counts from 0: no partition comes to where a number is not exact.
    const offset = Number(message.offset);
    const known = this.#byOffset.get(offset);
    if (known?.timestamp === message.timestamp) return;
    // Fetched before it was committed, and handed over after that: the client begins again where the group is, and a batch may wait behind others.
    if (offset < this.#start && end >= this.#position) return;
    // Any other offset that was passed before belongs to another log: the topic was removed and is there again.
    if (offset < this.#position) this.clear();
    const entry: LogEntry = { offset, timestamp: message.timestamp, isSettled: false };
    this.#entries.push(entry);
    this.#byOffset.set(offset, entry);
    this.#waiting.push({ log: this, entry, message });
    this.#position = offset + 1;
  }

  #has(entry: LogEntry): boolean {
    return this.#byOffset.get(entry.offset) === entry && !entry.isSettled;
  }
}
