import type { Cancellation } from './cancellation.ts';
import type { ContentGate } from './content/content-gate.ts';
import type { HookSet } from './hooks/hook-set.ts';
import type { OpenSpan } from './open-span.ts';
import type { Secrets } from './content/redaction.ts';

/** What work stands on: a runtime, or a lifecycle in it. Roots and detached work belong to it, and are cancelled with it. */
export interface Ground {
  readonly spans: OpenSpan;
  readonly cancellation: Cancellation;
}

/** What work takes over from what is around it by one reference, as it rarely changes. */
export interface Surroundings {
  readonly ground: Ground;
  readonly gate: ContentGate;
  readonly hooks: HookSet;
  /** Whether the work handles content, by itself or because it is part of work that does. */
  readonly carriesContent: boolean;
  /** Credentials of those further out for whom the work is done, where somebody else executes it. */
  readonly outerSecrets: Secrets | undefined;
}
