import type { Listener } from './hook-listener.ts';
import { guarded, reportFault } from '../telemetry.ts';

/** How a hook failed: it threw, it gave no answer in time, or it asked for what its mode or the type of hook does not allow. */
export type HookOutcome = 'error' | 'timeout' | 'ignored';

/** Counts one failure of a hook on the named event. */
export type CountHookFailure = (outcome: HookOutcome, hook: string) => void;

/** Makes what goes wrong with hooks visible, where work goes on as if nothing had happened. Never throws. */
export class HookReport {
  readonly #count: CountHookFailure;
  /** Registrations whose dropped answers were told: what a hook returns it returns every time. */
  readonly #told = new WeakSet<object>();

  constructor(count: CountHookFailure) {
    this.#count = count;
  }

  /** A hook failed; where the operation goes on in spite of it, nobody else gets its error. */
  failed(
    { hook, mode, timeoutMs }: Listener,
    why: 'error' | 'timeout',
    { error, goesOn }: { readonly error: unknown; readonly goesOn: boolean },
  ): void {
    this.#countOne(why, hook);
    if (!goesOn) return;
    const what = why === 'timeout' ? `gave no answer in ${timeoutMs} ms` : 'failed';
    reportFault(`a ${mode} hook on ${hook} ${what}, and was left out`, error);
  }

  /** A hook blocked that may not. */
  ignoredBlock({ hook, mode }: Listener, reason: string): void {
    this.#countOne('ignored', hook);
    reportFault(`a ${mode} hook on ${hook} cannot block: its block was ignored: ${reason}`);
  }

  /** A hook answered something of which `what` cannot be used. */
  dropped({ hook, mode, registration }: Listener, what: string): void {
    this.#countOne('ignored', hook);
    if (this.#told.has(registration)) return;
    this.#told.add(registration);
    reportFault(`a ${mode} hook on ${hook} returned ${what}: this is dropped, now and whenever it does so again`);
  }

  #countOne(outcome: HookOutcome, hook: string): void {
    guarded('counting a failure of a hook', () => this.#count(outcome, hook));
  }
}
