import type { Ending } from './outcome.ts';

/**
 * Where a life is. `starting`: hooks. `running`: the body. `draining`: the body has returned, children, operations or sources have not. `cleaning`: cleanups; how it ends is
 * known then, but for a failure in them. `completing`: hooks again. `done`: nothing of it runs.
 */
export type LifeState =
  | { readonly at: 'starting' | 'running' | 'draining' | 'completing' | 'done' }
  | { readonly at: 'cleaning'; readonly ending: Ending };

/** The same for messages and data of errors: why nothing more may be started, else `running`. */
export type StateName = 'running' | 'stopping' | 'terminated' | 'failed' | 'cleaning up' | 'done';
