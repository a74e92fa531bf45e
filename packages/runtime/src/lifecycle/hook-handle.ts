import type { Life } from './life.ts';
import type { LifecycleHandle, StopOptions } from './lifecycle.ts';
import type { LifecycleTree } from './lifecycle-tree.ts';
import type { Outcome } from './outcome.ts';
import type { RunningLifecycle } from './running-lifecycle.ts';

/** A lifecycle as its hooks see it. It waits for them: where nobody can tell that they run inside, `stop` only asks. */
export class HookHandle implements LifecycleHandle {
  readonly #life: Life;

  constructor(life: Life) {
    this.#life = life;
  }

  get owner(): RunningLifecycle {
    return this.#life.owner;
  }

  get name(): string {
    return this.owner.name;
  }

  get path(): string {
    return this.owner.path;
  }

  get done(): Promise<Outcome> {
    return this.owner.done;
  }

  stop(options?: StopOptions): Promise<boolean> {
    return this.owner.stopFromWithin(options, this.#life.isContextKept);
  }

  terminate(reason?: unknown): void {
    this.owner.terminate(reason);
  }

  waitingFor(): readonly string[] {
    return this.owner.waitingFor();
  }

  tree(): LifecycleTree {
    return this.owner.tree();
  }
}
