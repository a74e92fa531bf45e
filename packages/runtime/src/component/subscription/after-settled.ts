import type { Scope } from '../../kernel/scope.ts';

const waiting = new WeakMap<Scope, ((isDone: boolean) => void)[]>();

/** Resolves when the try that `scope` belongs to is over and its span has ended: with whether the message was acknowledged as handled. */
export function whenSettled(scope: Scope): Promise<boolean> {
  return new Promise((resolve) => {
    const others = waiting.get(scope);
    if (others === undefined) waiting.set(scope, [resolve]);
    else others.push(resolve);
  });
}

/** The try that was handled in `scope` is over. */
export function tellSettled(scope: Scope, isDone: boolean): void {
  for (const tell of waiting.get(scope) ?? []) tell(isDone);
}
