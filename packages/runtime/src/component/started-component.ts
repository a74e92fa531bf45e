import { attributes, spans } from '@tracewright/conventions';
import { isTracewrightError, TracewrightError } from '../kernel/errors.ts';
import type { Identity } from '../kernel/identity.ts';
import { requireScope } from '../kernel/running-scope.ts';
import type { Lifecycle, LifecycleHandle } from '../lifecycle/lifecycle.ts';
import type { Outcome } from '../lifecycle/outcome.ts';
import type { Claim } from './claims.ts';
import { ComponentLink } from './component-link.ts';
import { footprintIdentity } from './footprint-identity.ts';
import type { Transport } from './transport.ts';

/** Where a component has come to. */
export interface ComponentStatus {
  readonly component: string;
  readonly instance: string;
  /** The revision of the footprint that it was started by. */
  readonly revision: number;
  /** `stopping`: it was up, and its end has begun. */
  readonly state: 'starting' | 'ready' | 'stopping' | 'failed' | 'ended';
  /** Why it failed. */
  readonly error?: unknown;
}

/** A lifecycle that is terminated as it did not end in time has a second to do so. Milliseconds. */
const afterAllMs = 2000;

export interface StartOptions {
  readonly transport: Transport;
  readonly readyTimeoutMs: number;
  readonly drainTimeoutMs: number;
  /** Called once, while its lifecycle still keeps the one above alive. */
  readonly onFailed: (component: StartedComponent, error: unknown) => void;
  readonly onChange: () => void;
}

/** A component from its start to its end. */
export class StartedComponent {
  readonly claim: Claim;
  readonly #options: StartOptions;
  #state: ComponentStatus['state'] = 'starting';
  #error: unknown;
  #isUp: () => void = () => undefined;
  #isDown: (error: unknown) => void = () => undefined;
  #close: () => Promise<void> = () => Promise.resolve();
  #lifecycle: Lifecycle | undefined;
  #cancelTimer: () => void = () => undefined;
  #cameUp = false;
  #isLeaving = false;
  /** Resolves when the component is ready; rejects where it fails or ends before that. */
  readonly up: Promise<void>;
  readonly handle: LifecycleHandle;

  constructor(parent: Lifecycle, claim: Claim, options: StartOptions) {
    this.claim = claim;
    this.#options = options;
    const { promise, resolve, reject } = settleable();
    this.up = promise;
    this.#isUp = resolve;
    this.#isDown = reject;
    const body = (lifecycle: Lifecycle): Promise<void> => this.#start(lifecycle, `${parent.name}/${claim.instance}`);
    const settings = {
      identity: { replace: identityOf(claim, parent.scope.identity) },
      // Where all are ended together, the deadline of all comes first.
      drainTimeoutMs: options.drainTimeoutMs + afterAllMs,
      // After the cleanups, which may still publish. Forks below inherit the hook.
      onCompleted: ({ path }: LifecycleHandle, outcome: Outcome) => (path === this.handle.path ? this.#completed(outcome) : undefined),
    };
    // What it does is not caused by the application of a footprint that started it.
    this.handle = requireScope(parent.scope).activate(() => parent.fork(claim.instance, body, settings));
    this.#cancelTimer = parent.scope.clock.setTimer(() => this.#tooLate(), options.readyTimeoutMs);
  }

  get status(): ComponentStatus {
    const { component, instance, footprint } = this.claim;
    const isStopping = this.#state === 'ready' && this.#lifecycle?.running === false;
    const told = { component: component.name, instance, revision: footprint.revision, state: isStopping ? 'stopping' : this.#state };
    return this.#state === 'failed' ? { ...told, error: this.#error } : told;
  }

  /** Whether it was ready at any time. */
  get cameUp(): boolean {
    return this.#cameUp;
  }

  /** Ends it: politely where it is up, else at once. Resolves when it has ended. How it ends is the matter of who has it ended. */
  async stop(): Promise<void> {
    this.#isLeaving = true;
    if (this.#state === 'starting') this.handle.terminate();
    await this.handle.stop();
    await this.handle.done;
  }

  async #start(lifecycle: Lifecycle, clientName: string): Promise<void> {
    this.#lifecycle = lifecycle;
    const { claim } = this;
    const { transport } = this.#options;
    lifecycle.signal.addEventListener('abort', () => this.#aborted(lifecycle), { once: true });
    const connection = await transport.connect({ clientName, signal: lifecycle.signal });
    if (lifecycle.signal.aborted) {
      // It may have come when nobody waited for it any longer.
      await connection.close();
      return;
    }
    this.#close = () => connection.close();
    const link = new ComponentLink({ ...claim, lifecycle, transport, connection });
    const name = spans.bootstrap.name.replace('<component>', () => claim.component.name);
    try {
      await lifecycle.run(name, async () => {
        await claim.component.bootstrap(lifecycle, link, claim.options);
        await link.ready();
      });
    } catch (error) {
      // Ended meanwhile by others: what could not begin any more has not failed.
      if (!lifecycle.running && isTracewrightError(error, 'TW_LIFECYCLE_STATE')) return;
      throw error;
    }
    this.#cancelTimer();
    if (!lifecycle.running) return;
    this.#cameUp = true;
    this.#change('ready');
    this.#isUp();
  }

  /** It has failed from then on, however long its end takes. */
  #aborted({ signal, path }: Lifecycle): void {
    const reason: unknown = signal.reason;
    if (isTracewrightError(reason, 'TW_LIFECYCLE_FAILED') && reason.data['lifecycle'] === path) this.#failed(reason.cause);
  }

  #tooLate(): void {
    // Who is asked to stop need not be ready any more.
    if (this.#lifecycle?.running === false) return;
    const { readyTimeoutMs } = this.#options;
    const { instance } = this.claim;
    const message = `${instance} was not ready in ${readyTimeoutMs} ms`;
    const error = new TracewrightError('TW_TIMEOUT', message, { data: { timeoutMs: readyTimeoutMs, instance } });
    this.#failed(error);
    try {
      this.#lifecycle?.fatal(error);
    } catch {
      // That is how `fatal` ends; whoever waits for the component is told below.
    }
  }

  #completed(outcome: Outcome): Promise<void> {
    this.#cancelTimer();
    if (outcome.status === 'failed') this.#failed(outcome.error);
    else if (this.#state !== 'failed') this.#change('ended');
    this.#isDown(endedEarly(this.claim.instance));
    return this.#close();
  }

  #failed(error: unknown): void {
    if (this.#state === 'failed') return;
    this.#error = error;
    this.#change('failed');
    this.#isDown(error);
    if (!this.#isLeaving) this.#options.onFailed(this, error);
  }

  #change(state: ComponentStatus['state']): void {
    this.#state = state;
    this.#options.onChange();
  }
}

function settleable(): { readonly promise: Promise<void>; readonly resolve: () => void; readonly reject: (error: unknown) => void } {
  let resolve: () => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  // Nobody has to ask.
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}

function endedEarly(instance: string): TracewrightError<'TW_COMPONENT_FAILED'> {
  return new TracewrightError('TW_COMPONENT_FAILED', `${instance} was ended before it was ready`, { data: { failed: [instance] } });
}

/** The component's name before all else: limits cut the end. The footprint's members are those of its own revision. */
function identityOf({ component, footprint }: Claim, around: Identity): Identity {
  const named = { [attributes.componentName.key]: component.name };
  const { [attributes.footprintSolution.key]: _solution, ...inherited } = around;
  return { ...named, ...footprintIdentity(footprint), ...inherited, ...named, ...footprintIdentity(footprint) };
}
