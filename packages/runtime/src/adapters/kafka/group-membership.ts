import type { TracewrightError } from '../../kernel/errors.ts';
import { AssignedPartitions } from './assigned-partitions.ts';
import type { Changes } from './changes.ts';
import { commitSettled } from './commit-settled.ts';
import type { MembershipOptions } from './group-events.ts';
import { GroupMember } from './group-member.ts';
import { cannotReceive, isOfRebalance } from './kafka-error.ts';
import type { FetchedBatch } from './fetched-batch.ts';
import { within } from './within.ts';

/** A place in a group: the member that has it, and the partitions that it has. A member that the group has lost is replaced when `join` is called again. */
export class GroupMembership {
  readonly partitions = new AssignedPartitions();
  readonly #options: MembershipOptions;
  readonly #changes: Changes;
  #member: GroupMember | undefined;
  #joining: Promise<void> | undefined;
  /** Of the partitions that we have now. */
  #assignment: object | undefined;
  /** Whether it is written down where the group begins in all of them. */
  #isBegun = false;
  #failure: TracewrightError | undefined;

  constructor(options: MembershipOptions, changes: Changes) {
    this.#options = options;
    this.#changes = changes;
  }

  get isJoined(): boolean {
    return this.#member !== undefined;
  }

  /** Whether the group has said who gets which partitions. Until then, none of what has come is given out. */
  get isSettled(): boolean {
    return this.#assignment !== undefined;
  }

  /** Resolves when the group has taken us in, and it is known where it begins. */
  join(): Promise<void> {
    this.#joining ??= this.#join().finally(() => {
      this.#joining = undefined;
      this.#changes.tell();
    });
    return this.#joining;
  }

  /** Why the member was lost, to be told once. */
  takeFailure(): TracewrightError | undefined {
    const failure = this.#failure;
    this.#failure = undefined;
    return failure;
  }

  /** More messages may be wanted again. */
  wake(): void {
    this.#member?.wake();
  }

  /** Tells the group up to where all is settled. */
  async commit(): Promise<void> {
    const { destination, settings } = this.#options;
    const { partitions } = this;
    await commitSettled({ destination, settings, partitions, changes: this.#changes, member: () => this.#member });
    this.#member?.resume(this.#isWanted);
  }

  /** Never rejects. A broker that is away keeps nobody here; it finds out by itself. */
  async leave(): Promise<void> {
    const { requestTimeoutMs } = this.#options.settings;
    if (this.#member !== undefined) await within(this.#member.leave(), requestTimeoutMs, () => undefined).catch(() => undefined);
    this.#member = undefined;
    this.partitions.clear();
    this.#changes.tell();
  }

  async #join(): Promise<void> {
    const { kafka, settings, destination, groupId, prefetch } = this.#options;
    const member: GroupMember = new GroupMember(kafka, settings, {
      groupId,
      topic: destination,
      events: {
        onRebalance: () => (this.#assignment = undefined),
        onAssigned: (partitions, isNew) => this.#assign(member, partitions, isNew),
        onMessages: (partition, batch) => this.#add(member, partition, batch),
        isFull: () => this.partitions.takable >= prefetch,
        onLost: (error) => this.#lose(member, error),
      },
    });
    this.#member = member;
    try {
      await member.join();
    } catch (error) {
      this.#lose(member, error);
    }
    while (this.#member === member && !this.#isBegun) await this.#changes.next();
    if (this.#member !== member) throw this.#failure ?? cannotReceive(this.#options, new Error('it was closed'));
  }

  #assign(member: GroupMember, partitions: readonly number[], isNew: boolean): void {
    if (this.#member !== member) return;
    const assignment = {};
    if (isNew) this.partitions.clear();
    this.partitions.assign(partitions);
    this.#assignment = assignment;
    member.resume(this.#isWanted);
    void this.#begin(member, partitions, () => this.#assignment === assignment && this.#member === member);
    this.#changes.tell();
  }

  /** Nothing is fetched of what a new group is not to begin with, until it is written down where it begins. */
  async #begin(member: GroupMember, partitions: readonly number[], isOurs: () => boolean): Promise<void> {
    const { start } = this.#options;
    const open = start?.among(partitions) ?? [];
    this.#isBegun = open.length === 0;
    if (start === undefined || this.#isBegun) return;
    member.pause(open);
    try {
      await start.begin(open, member, isOurs);
      if (!isOurs()) return;
      this.#isBegun = true;
      member.resume((partition) => open.includes(partition));
      this.#changes.tell();
    } catch (error) {
      // The group will say again which partitions are ours.
      if (isOurs() && !isOfRebalance(error)) this.#lose(member, error);
    }
  }

  #add(member: GroupMember, partition: number, batch: FetchedBatch): boolean {
    const log = this.partitions.get(partition);
    if (log === undefined || this.#member !== member) return false;
    log.add(batch);
    if (log.isAmple) member.pause([partition]);
    this.#changes.tell();
    return true;
  }

  readonly #isWanted = (partition: number): boolean => this.partitions.get(partition)?.isAmple !== true;

  #lose(member: GroupMember, error: unknown): void {
    if (this.#member !== member) return;
    this.#member = undefined;
    this.#assignment = undefined;
    this.partitions.clear();
    this.#failure = cannotReceive(this.#options, error);
    // It has left already, or cannot; it lets its connections go.
    member.leave().catch(() => undefined);
    this.#changes.tell();
  }
}
