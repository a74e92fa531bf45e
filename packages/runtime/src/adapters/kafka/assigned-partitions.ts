import { PartitionLog, type TakenMessage } from './partition-log.ts';

/** What is settled and not committed, of one partition. */
export interface UncommittedOffset {
  readonly log: PartitionLog;
  readonly partition: number;
  /** Of the next message that is wanted. */
  readonly offset: number;
  /** Of the log. */
  readonly age: number;
}

/** The partitions that a member has, from one rebalance to the next. */
export class AssignedPartitions {
  #logs = new Map<number, PartitionLog>();

  /** How many messages were given out and are not settled. */
  get held(): number {
    let held = 0;
    for (const log of this.#logs.values()) held += log.held;
    return held;
  }

  /** How many messages may be given out. What waits behind one that is not settled for long is none of them: the other partitions go on. */
  get takable(): number {
    let takable = 0;
    for (const log of this.#logs.values()) takable += log.takable;
    return takable;
  }

  get(partition: number): PartitionLog | undefined {
    return this.#logs.get(partition);
  }

  /** What is kept goes on where it was: nobody else had it meanwhile. Messages of what is lost belong to others now. */
  assign(partitions: readonly number[]): void {
    const logs = new Map<number, PartitionLog>();
    for (const partition of partitions) logs.set(partition, this.#logs.get(partition) ?? new PartitionLog(partition));
    for (const [partition, log] of this.#logs) if (!logs.has(partition)) log.clear();
    this.#logs = logs;
  }

  /** All are lost. */
  clear(): void {
    this.assign([]);
  }

  /** At most `max` messages, in the order of each partition; the partitions take turns. */
  take(max: number): readonly TakenMessage[] {
    const taken: TakenMessage[] = [];
    for (let goesOn = true; goesOn; ) {
      goesOn = false;
      for (const [partition, log] of [...this.#logs]) {
        const message = taken.length < max ? log.take() : undefined;
        if (message === undefined) continue;
        taken.push(message);
        goesOn = true;
        // It is the last one next time, too.
        this.#logs.delete(partition);
        this.#logs.set(partition, log);
      }
    }
    return taken;
  }

  uncommitted(): readonly UncommittedOffset[] {
    const found: UncommittedOffset[] = [];
    for (const [partition, log] of this.#logs) {
      const offset = log.uncommitted;
      if (offset !== undefined) found.push({ log, partition, offset, age: log.age });
    }
    return found;
  }
}
