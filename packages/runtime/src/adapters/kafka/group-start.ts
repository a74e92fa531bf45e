import type { Admin } from 'kafkajs';
import type { GroupPlace, PartitionOffset } from './group-events.ts';
import { kafkaError, said } from './kafka-error.ts';
import type { RenewedClient } from './renewed-client.ts';

/** What it needs of a member. */
export interface BeginningMember {
  commit(offsets: readonly PartitionOffset[]): Promise<void>;
  seek(offset: PartitionOffset): void;
}

/**
 * Where a group begins that is new and is not to begin with what is there: where the topic ended before its member joined. It is written down, since the group
 * would lose what comes while it is away, and by members, since Kafka takes that from nobody else. A partition that is not written down, because who had it died
 * before that, stays open for who gets it next.
 */
export class GroupStart {
  readonly #admin: RenewedClient<Admin>;
  readonly #place: GroupPlace;
  readonly #open: Map<number, number>;

  private constructor(admin: RenewedClient<Admin>, place: GroupPlace, open: Map<number, number>) {
    this.#admin = admin;
    this.#place = place;
    this.#open = open;
  }

  /**
   * A group that has begun goes on where it is, in partitions that were added since from their first message on.
   *
   * @throws {TracewrightError} `TW_TRANSPORT` where the brokers do not say where the group is, or the topic ends
   */
  static async find(admin: RenewedClient<Admin>, place: GroupPlace): Promise<GroupStart> {
    const { groupId, topic } = place;
    try {
      const begun = await committedPartitions(admin, place);
      if (begun.size > 0) return new GroupStart(admin, place, new Map());
      const ends = await admin.use((client) => client.fetchTopicOffsets(topic));
      return new GroupStart(admin, place, new Map(ends.map(({ partition, high }) => [partition, Number(high)])));
    } catch (cause) {
      throw kafkaError(`the brokers do not say where "${topic}" ends: ${said(cause)}`, { data: { destination: topic, groupId }, cause });
    }
  }

  /** Those of `partitions` of which nobody has written down yet, as far as is known, where the group begins. */
  among(partitions: readonly number[]): readonly number[] {
    return partitions.filter((partition) => this.#open.has(partition));
  }

  /** Writes down where the group begins in `partitions`, where it has not begun. `isOurs` says whether they are still the member's. */
  async begin(partitions: readonly number[], member: BeginningMember, isOurs: () => boolean): Promise<void> {
    const begun = await committedPartitions(this.#admin, this.#place);
    if (!isOurs()) return;
    const offsets: PartitionOffset[] = [];
    for (const partition of partitions) {
      const offset = this.#open.get(partition);
      if (offset !== undefined && !begun.has(partition)) offsets.push({ partition, offset });
    }
    if (offsets.length > 0) await member.commit(offsets);
    for (const partition of partitions) this.#open.delete(partition);
    if (isOurs()) for (const offset of offsets) member.seek(offset);
  }
}

async function committedPartitions(admin: RenewedClient<Admin>, { groupId, topic }: GroupPlace): Promise<ReadonlySet<number>> {
  const found = await admin.use((client) => client.fetchOffsets({ groupId, topics: [topic] }));
  const committed = found.flatMap(({ partitions }) => partitions.filter(({ offset }) => Number(offset) >= 0));
  return new Set(committed.map(({ partition }) => partition));
}
