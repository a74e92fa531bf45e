import type { Clock } from '../kernel/clock.ts';
import type { OpenSpan } from '../kernel/open-span.ts';

/** A child as the one above sees it. */
export interface OpenChild {
  readonly path: string;
  /** How it stands among the open spans of the one above. */
  openPaths(): Iterable<string>;
}

/** What runs in one life: its children, and operations on its ground. */
export class OpenWork<Child extends OpenChild> {
  readonly #ground: OpenSpan;
  readonly #children = new Set<Child>();
  #tellChildless: () => void = () => undefined;

  constructor(ground: OpenSpan) {
    this.#ground = ground;
  }

  get children(): Iterable<Child> {
    return this.#children;
  }

  get hasChildren(): boolean {
    return this.#children.size > 0;
  }

  get hasOperations(): boolean {
    return this.#ground.openPaths().next().done !== true;
  }

  add(child: Child): void {
    this.#children.add(child);
  }

  remove(child: Child): void {
    this.#children.delete(child);
    if (this.#children.size === 0) this.#tellChildless();
  }

  /** Resolves when no child is left. For one caller at a time. */
  childless(): Promise<void> {
    if (!this.hasChildren) return Promise.resolve();
    return new Promise((resolve) => {
      this.#tellChildless = resolve;
    });
  }

  /** Resolves when nothing is open on the ground. For one caller at a time. */
  emptied(clock: Clock): Promise<void> {
    return this.#ground.emptied(clock);
  }

  /** Paths of the open spans here, without those that children stand for. */
  operations(): string[] {
    const open = [...this.#ground.openPaths()];
    for (const child of this.#children) {
      for (const path of child.openPaths()) {
        const index = open.indexOf(path);
        if (index !== -1) open.splice(index, 1);
      }
    }
    return open;
  }
}
