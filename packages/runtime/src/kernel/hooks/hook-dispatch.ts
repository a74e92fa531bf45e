import { context } from '@opentelemetry/api';
import { attributes } from '@tracewright/conventions';
import { isPlainPromise, isThenable } from '../check.ts';
import { scopeIn } from '../context.ts';
import { startInBackground } from './hook-background.ts';
import { HookCall } from './hook-call.ts';
import { runConcurrently } from './hook-concurrent.ts';
import type { Listener } from './hook-listener.ts';
import type { HookReport } from './hook-report.ts';
import type { ListenerTable } from './hook-table.ts';
import { judgeAnswer, judgeEnding, judgeFailure, type Judged, type Refusal } from './hook-verdict.ts';
import type { Scope } from '../scope.ts';

/**
 * One event on its way through the hooks that hear it: those that were there when it began, whatever is added or removed meanwhile.
 *
 * As long as every hook answers at once there is no promise and no timer: waiting for nothing would cost each event more than all else here.
 */
export class Dispatch implements Judged {
  readonly table: ListenerTable;
  readonly scope: Scope;
  payload: object;
  /** The first one stays. */
  refusal: Refusal | undefined = undefined;
  readonly #isCurrent: boolean;

  constructor(table: ListenerTable, scope: Scope, payload: object) {
    this.table = table;
    this.scope = scope;
    this.payload = payload;
    // What entering a scope costs, on Node 24 above all, is saved where the caller runs in it already. Whatever waits here goes on where it waited.
    this.#isCurrent = scopeIn(context.active()) === scope;
  }

  get type(): Judged['type'] {
    return this.table.type;
  }

  get report(): HookReport {
    return this.table.services.report;
  }

  /** Gives the payload as it is after all changes. Throws, or rejects, what stops the operation. */
  start(): object | Promise<object> {
    if (this.table.background.length === 0) return this.#runChain(0);
    let outcome: object | Promise<object>;
    try {
      outcome = this.#runChain(0);
    } catch (error) {
      this.#startBackground();
      throw error;
    }
    if (outcome instanceof Promise) return outcome.finally(() => this.#startBackground());
    this.#startBackground();
    return outcome;
  }

  /** Calls one hook. Gives the promise of one that answers later; the answer of any other is taken, and may be the refusal. */
  ask(listener: Listener, call: HookCall): Promise<unknown> | undefined {
    try {
      const { run } = listener;
      const answer: unknown = this.#isCurrent ? run(this.payload, call) : this.#enter(listener, call);
      if (isThenable(answer)) return this.#toPromise(answer);
      call.end();
      if (answer !== undefined) this.refuse(judgeAnswer(this, listener, answer));
    } catch (error) {
      call.end();
      this.refuse(judgeFailure(this, listener, { why: 'error', error }));
    }
    return undefined;
  }

  refuse(refusal: Refusal | undefined): void {
    this.refusal ??= refusal;
  }

  /** What to throw for a refusal, which the span of the operation then tells of. */
  errorOf({ error, block, byHook }: Refusal): unknown {
    if (byHook) this.scope.set({ [attributes.hookName.key]: this.type.name, [attributes.blockCode.key]: block?.code });
    return error;
  }

  #runChain(from: number): object | Promise<object> {
    const { chain, concurrent } = this.table;
    for (let index = from; index < chain.length; index += 1) {
      const listener = chain[index];
      if (listener === undefined) break;
      const call = new HookCall(listener, this.scope, undefined);
      const later = this.ask(listener, call);
      if (later !== undefined) {
        return call.wait(later).then((ending) => {
          this.refuse(judgeEnding(this, listener, ending));
          return this.#afterAnswer(index + 1);
        });
      }
      if (this.refusal !== undefined) throw this.errorOf(this.refusal);
    }
    return concurrent.length === 0 ? this.payload : runConcurrently(this);
  }

  #afterAnswer(next: number): object | Promise<object> {
    if (this.refusal !== undefined) throw this.errorOf(this.refusal);
    return this.#runChain(next);
  }

  #enter({ run }: Listener, call: HookCall): unknown {
    return this.scope.activate(() => run(this.payload, call));
  }

  /** What is no plain promise but can be awaited may begin its work only then: in the scope, as the rest of the hook. */
  #toPromise(answer: unknown): Promise<unknown> {
    if (answer instanceof Promise && isPlainPromise(answer)) return answer;
    return this.scope.activate(() => Promise.resolve().then(() => answer));
  }

  #startBackground(): void {
    for (const listener of this.table.background) startInBackground(this, listener);
  }
}
