import { attributes, spans } from '@tracewright/conventions';
import { isTracewrightError, TracewrightError } from '../kernel/errors.ts';
import type { Identity } from '../kernel/identity.ts';
import type { Lifecycle, LifecycleHandle } from '../lifecycle/lifecycle.ts';
import { ComponentLink } from './component-link.ts';
import type { CheckedComponent } from './component.ts';
import type { Transport } from './transport.ts';

/** One allocation with nothing left to decide. */
export interface Claim {
  readonly instance: string;
  readonly component: CheckedComponent;
  /** What the schema made of the options. */
  readonly options: unknown;
  readonly bindings: Readonly<Record<string, string>>;
  readonly group: string;
}

/** Where a component has come to. */
export interface ComponentStatus {
  readonly component: string;
  readonly instance: string;
  readonly state: 'starting' | 'ready' | 'failed' | 'ended';
  /** Why it failed. */
  readonly error?: unknown;
}

export interface StartOptions {
  readonly transport: Transport;
  /** What a failure does to the deployment. */
  readonly onFailure: 'fail' | 'isolate';
}

/** A component from its start to its end. */
export class StartedComponent {
  readonly #claim: Claim;
  readonly #transport: Transport;
  #state: ComponentStatus['state'] = 'starting';
  #error: unknown;
  #isUp: () => void = () => undefined;
  #close: () => Promise<void> = () => Promise.resolve();
  /** Resolves when the component is ready; rejects where it fails or ends before that. */
  readonly up: Promise<void>;
  readonly handle: LifecycleHandle;

  constructor(parent: Lifecycle, claim: Claim, { transport, onFailure }: StartOptions) {
    this.#claim = claim;
    this.#transport = transport;
    let isDown: (error: unknown) => void = () => undefined;
    this.up = new Promise((resolve, reject) => {
      this.#isUp = resolve;
      isDown = reject;
    });
    this.up.catch(() => undefined);
    this.handle = parent.fork(claim.instance, (lifecycle) => this.#start(lifecycle, `${parent.name}/${claim.instance}`), {
      identity: { replace: identityIn(parent, claim.component.name) },
      onFailure,
      // After the cleanups, which may still publish. Forks below inherit the hook.
      onCompleted: ({ path }) => (path === this.handle.path ? this.#close() : undefined),
    });
    void this.handle.done.then((outcome) => {
      this.#state = outcome.status === 'failed' ? 'failed' : 'ended';
      this.#error = outcome.error;
      isDown(outcome.error ?? endedEarly(claim.instance));
    });
  }

  get status(): ComponentStatus {
    const { component, instance } = this.#claim;
    const told = { component: component.name, instance, state: this.#state };
    return this.#state === 'failed' ? { ...told, error: this.#error } : told;
  }

  async #start(lifecycle: Lifecycle, clientName: string): Promise<void> {
    const claim = this.#claim;
    const transport = this.#transport;
    const connection = await transport.connect({ clientName, signal: lifecycle.signal });
    this.#close = () => connection.close();
    if (lifecycle.signal.aborted) {
      // It may have come when nobody waited for it any longer.
      await connection.close();
      return;
    }
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
    if (!lifecycle.running) return;
    this.#state = 'ready';
    this.#isUp();
  }
}

function endedEarly(instance: string): TracewrightError<'TW_COMPONENT_FAILED'> {
  return new TracewrightError('TW_COMPONENT_FAILED', `${instance} was ended before it was ready`, { data: { failed: [instance] } });
}

/** That of `parent` with the component's name before all else: limits cut the end. */
function identityIn({ scope }: Lifecycle, name: string): Identity {
  const named = { [attributes.componentName.key]: name };
  return { ...named, ...scope.identity, ...named };
}
