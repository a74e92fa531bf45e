import type { BackgroundWork } from '../background.ts';
import { type Listener, listenerOf } from './hook-listener.ts';
import type { TypedHookRegistration, UntypedPayload } from './hook-registration.ts';
import { type CountHookFailure, HookReport } from './hook-report.ts';
import { type HookRoot, HookSet } from './hook-set.ts';
import { type HookServices, type ListenerTable, makeTable } from './hook-table.ts';

/** Takes a hook off again. */
export interface HookHandle extends Disposable {
  /** Events that begin from now on are without the hook; one that is under way finishes with it. Calling it again does nothing. */
  remove(): void;
}

/** The hooks of a runtime. */
export interface Hooks {
  /**
   * Adds a hook, which hears all events that begin from now on, in every scope. The same registration again is still one hook, with the same handle; two
   * registrations are two hooks, whatever they share.
   *
   * @throws {TracewrightError} `TW_BAD_OPTION` naming the wrong option and the value received
   * @example using handle = runtime.hooks.add({ hook: 'generation_pre_call', run: ({ model }) => console.log(model) });
   */
  add<Payload extends object = UntypedPayload, Writable extends keyof Payload = keyof Payload>(
    registration: TypedHookRegistration<Payload, Writable>,
  ): HookHandle;
}

interface Entry {
  readonly listener: Listener;
  readonly handle: HookHandle;
}

interface KnownTable {
  readonly type: object;
  readonly table: ListenerTable | undefined;
}

/** The hooks of one runtime, below the sets of all its scopes. */
export class RuntimeHooks implements Hooks, HookRoot {
  readonly services: HookServices;
  version = 0;
  /** The set of the root scope: these hooks and no others. */
  readonly set: HookSet = HookSet.of(this);
  /** By registration, in the order in which they were added. */
  readonly #entries = new Map<object, Entry>();
  /** By index of the type; made anew after each change. */
  #tables: (KnownTable | undefined)[] = [];

  constructor({ count, background }: { readonly count: CountHookFailure; readonly background: BackgroundWork }) {
    this.services = { report: new HookReport(count), background };
  }

  add<Payload extends object = UntypedPayload, Writable extends keyof Payload = keyof Payload>(
    registration: TypedHookRegistration<Payload, Writable>,
  ): HookHandle {
    const known = this.#entries.get(registration);
    if (known !== undefined) return known.handle;
    const listener = listenerOf('hook', registration);
    const handle = this.#handleOf(registration);
    this.#entries.set(registration, { listener, handle });
    this.#changed();
    return handle;
  }

  tableOf(type: ListenerTable['type']): ListenerTable | undefined {
    const known = this.#tables[type.index];
    // Another copy of this package counts its types on its own: the index alone does not say which type it is.
    if (known !== undefined && known.type === type) return known.table;
    const listeners = Array.from(this.#entries.values(), ({ listener }) => listener);
    const table = makeTable(type, this.services, listeners);
    this.#tables[type.index] = { type, table };
    return table;
  }

  #handleOf(registration: object): HookHandle {
    // A handle is often kept for long: it must not keep what it removed.
    let held: object | undefined = registration;
    const remove = (): void => {
      if (held === undefined || !this.#entries.delete(held)) return;
      held = undefined;
      this.#changed();
    };
    return { remove, [Symbol.dispose]: remove };
  }

  #changed(): void {
    this.version += 1;
    this.#tables = [];
  }
}
