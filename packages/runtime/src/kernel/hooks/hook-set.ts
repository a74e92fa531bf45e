import { badOption } from '../errors.ts';
import { Dispatch } from './hook-dispatch.ts';
import { type Listener, listenerOf } from './hook-listener.ts';
import type { HookRegistration } from './hook-registration.ts';
import { type HookServices, type ListenerTable, makeTable, mergeTables } from './hook-table.ts';
import type { HookType } from './hook-type.ts';
import type { Scope } from '../scope.ts';

/** What firing gives: nothing where nobody listens, a promise only where a hook answered later. */
export type Fired<Payload extends object> = Readonly<Payload> | Promise<Readonly<Payload>> | undefined;

/** What all sets stand on: the hooks of the runtime, the only ones that change. */
export interface HookRoot {
  readonly services: HookServices;
  /** Counts the changes. A field and not an accessor: every event reads it. */
  readonly version: number;
  /** The listeners of `type`, as one object for as long as they stay the same; nothing where nobody listens. */
  tableOf(type: ListenerTable['type']): ListenerTable | undefined;
}

/** What a set itself has for one type. */
interface OwnTable {
  readonly type: object;
  readonly table: ListenerTable | undefined;
  /** Together with the table around it, and held by that alone: no set keeps a listener that was removed from the runtime. */
  merged: WeakMap<ListenerTable, ListenerTable> | undefined;
}

/** Hooks as a scope sees them. Never changed, only extended; what is added to the runtime, or removed from it, shows at the next event. */
export class HookSet {
  readonly #root: HookRoot;
  readonly #outer: HookSet | undefined;
  readonly #own: readonly Listener[];
  /** By index of the type. */
  readonly #tables: (OwnTable | undefined)[] = [];
  /** Types that nobody listened to when the hooks of the runtime had that version: all that most events come to. */
  #silent: (object | undefined)[] = [];
  #silentAt = -1;

  private constructor(root: HookRoot, outer: HookSet | undefined, own: readonly Listener[]) {
    this.#root = root;
    this.#outer = outer;
    this.#own = own;
  }

  /** The set of the hooks of the runtime and no others. */
  static of(root: HookRoot): HookSet {
    return new HookSet(root, undefined, []);
  }

  /**
   * A set with these hooks beside all that this one has. A registration that is named twice, here or further out, counts once.
   *
   * @throws {TracewrightError} `TW_BAD_OPTION` naming the wrong option and the value received
   */
  with(registrations: readonly HookRegistration[]): HookSet {
    if (!Array.isArray(registrations)) throw badOption('hooks', 'an array of hooks', registrations);
    if (registrations.length === 0) return this;
    const own = new Map<HookRegistration, Listener>();
    for (const [index, registration] of registrations.entries()) own.set(registration, listenerOf(`hooks[${index}]`, registration));
    return new HookSet(this.#root, this, [...own.values()]);
  }

  /**
   * Tells the hooks of an event, in the order of their modes, and gives the payload with the changes that they made.
   *
   * `build` is called only where somebody listens; its payload, a plain object made for this event, is frozen, but not what it holds: nested values are live
   * objects of the caller, and freezing them would change what is not ours. Nothing is added to it.
   *
   * Nothing stops a hook from firing its own event again, by starting the same operation in its body: as with any function that calls itself, it has to know
   * when to stop. Following the asynchronous chain of each call would cost every event more than all else here.
   *
   * @returns `undefined` where nobody listens; else the payload, as a promise only where a hook did not answer at once
   * @throws {TracewrightError} `TW_BLOCKED` when a hook blocked, `TW_HOOK_FAILED` when one failed that is registered as closed: thrown, or as a rejection where a
   *   hook did not answer at once; the reason of `scope` where that is cancelled while a hook is waited for
   * @example
   * const fired = hooks.fire(beforeCall, scope, () => ({ model, modelOptions }));
   * const decided = fired === undefined ? modelOptions : (await fired).modelOptions;
   */
  fire<Payload extends object, Writable extends keyof Payload>(
    type: HookType<Payload, Writable>,
    scope: Scope,
    build: () => NoInfer<Payload>,
  ): Fired<Payload> {
    // Another copy of this package counts its types on its own: the index alone does not say which type it is.
    if (this.#silent[type.index] === type && this.#silentAt === this.#root.version) return undefined;
    const table = this.#tableOf(type);
    if (table === undefined) {
      this.#rememberSilence(type);
      return undefined;
    }
    const outcome = new Dispatch(table, scope, Object.freeze(build())).start();
    return outcome as Fired<Payload>; // Changes were taken from hooks that are typed by `type`, or by nothing.
  }

  #tableOf(type: ListenerTable['type']): ListenerTable | undefined {
    if (this.#outer === undefined) return this.#root.tableOf(type);
    const around = this.#outer.#tableOf(type);
    const own = this.#ownTable(type);
    if (own.table === undefined || around === undefined) return own.table ?? around;
    own.merged ??= new WeakMap();
    let both = own.merged.get(around);
    if (both === undefined) own.merged.set(around, (both = mergeTables(around, own.table)));
    return both;
  }

  #rememberSilence(type: ListenerTable['type']): void {
    if (this.#silentAt !== this.#root.version) this.#silent = [];
    this.#silentAt = this.#root.version;
    this.#silent[type.index] = type;
  }

  #ownTable(type: ListenerTable['type']): OwnTable {
    const known = this.#tables[type.index];
    if (known !== undefined && known.type === type) return known;
    const made: OwnTable = { type, table: makeTable(type, this.#root.services, this.#own), merged: undefined };
    this.#tables[type.index] = made;
    return made;
  }
}
