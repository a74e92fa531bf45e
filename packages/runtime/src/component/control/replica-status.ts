import type { AppliedRevision } from '../applied-revision.ts';
import type { ComponentStatus } from '../started-component.ts';

/**
 * What a replica tells on the status topic. `joined`, `left`: the replica itself. `accepted`: an order is in order, and carried out next; `refused`: it is not, and goes
 * to the dead letter. `ready`: the revision runs; `rolled_back`: it did not come up, and what ran before runs again; `failed`: it runs no longer, or not at all;
 * `component_failed`: one component of it has failed, the others go on; `stopped`: it was ended as asked, or has come to its end.
 */
export interface ReplicaStatus {
  readonly kind: 'joined' | 'left' | 'accepted' | 'refused' | 'ready' | 'rolled_back' | 'failed' | 'component_failed' | 'stopped';
  readonly replicaSet: string;
  readonly replica: string;
  /** ISO 8601 in UTC. */
  readonly at: string;
  /** The id of the control message that it answers. */
  readonly inReplyTo?: string | undefined;
  readonly footprint?: { readonly identifier: string; readonly revision?: number | undefined } | undefined;
  /** Why not. */
  readonly error?: { readonly code: string; readonly message: string } | undefined;
  /** What a further revision has changed. */
  readonly applied?: Omit<AppliedRevision, 'footprint'> | undefined;
  readonly components?: readonly Omit<ComponentStatus, 'error'>[] | undefined;
}

/** What differs from one status to the next. */
export type Told = Omit<ReplicaStatus, 'replicaSet' | 'replica' | 'at'>;
