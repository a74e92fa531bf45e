import { systemClock } from '../../kernel/clock.ts';
import type { AssignedPartitions } from './assigned-partitions.ts';
import type { Changes } from './changes.ts';
import type { GroupMember } from './group-member.ts';
import { isOfRebalance, kafkaError, said } from './kafka-error.ts';
import type { KafkaSettings } from './kafka-options.ts';

export interface CommitTerms {
  readonly destination: string;
  readonly settings: KafkaSettings;
  readonly partitions: AssignedPartitions;
  readonly changes: Changes;
  /** Whoever is the member now. */
  readonly member: () => GroupMember | undefined;
}

/**
 * Tells the group up to where all is settled. Waits for a group that hands out its partitions anew, for as long as for an answer.
 *
 * @throws {TracewrightError} `TW_TRANSPORT` where the broker did not say that it has heard it
 */
export async function commitSettled({ destination, settings, partitions, changes, member }: CommitTerms): Promise<void> {
  const until = systemClock.monotonic() + settings.requestTimeoutMs;
  for (;;) {
    // What is not ours any more settles into nothing.
    const offsets = partitions.uncommitted();
    const committing = member();
    if (offsets.length === 0 || committing === undefined) return;
    try {
      await committing.commit(offsets);
      for (const { log, offset, age } of offsets) log.committed(offset, age);
      return;
    } catch (cause) {
      const restMs = until - systemClock.monotonic();
      const text = `Kafka did not confirm what became of messages of "${destination}": ${said(cause)}`;
      if (!isOfRebalance(cause) || restMs <= 0) throw kafkaError(text, { data: { destination }, cause });
      // The group will say who has which partitions now.
      await changes.next({ patienceMs: Math.min(restMs, settings.heartbeatIntervalMs) });
    }
  }
}
