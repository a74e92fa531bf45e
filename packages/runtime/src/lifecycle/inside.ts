import { currentScope } from '../kernel/ambient.ts';
import type { OpenSpan } from '../kernel/open-span.ts';
import { RunningScope } from '../kernel/running-scope.ts';
import type { Life } from './life.ts';
import type { RunningLifecycle } from './running-lifecycle.ts';

/** Lives by the ground that their work stands on. */
const lives = new WeakMap<OpenSpan, Life>();

export function rememberLife(life: Life): void {
  lives.set(life.scope.parts.spans, life);
}

/** Whether this code runs in `lifecycle` or below it, by the context that the host's context manager carries along. */
export function isInside(lifecycle: RunningLifecycle): boolean {
  const scope = currentScope();
  if (!(scope instanceof RunningScope)) return false;
  const { spans } = scope.parts.surroundings.ground;
  // What an ended lifecycle left behind is waited for by nobody.
  let life = spans.ended ? undefined : lives.get(spans);
  while (life !== undefined && life.owner !== lifecycle) life = life.owner.parent;
  return life !== undefined;
}
