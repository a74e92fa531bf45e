import { DeploymentHealth, type HealthSubject } from '../../component/health/deployment-health.ts';
import type { Probe } from '../../component/health/health-state.ts';

/** What `grpc.health.v1` says of a service that it knows. */
export type ServingStatus = 'SERVING' | 'NOT_SERVING';

/** The services that every deployment has. The empty name is what Kubernetes asks for unless told otherwise. */
const probes: ReadonlyMap<string, Probe> = new Map([
  ['', 'readiness'],
  ['readiness', 'readiness'],
  ['startup', 'startup'],
  ['liveness', 'liveness'],
]);

export interface StatusesOptions {
  readonly maxStallMs: number;
  /** Called when a status may have changed. */
  readonly onChange: () => void;
}

/** What a deployment is to those who ask over gRPC, found out anew each time. */
export class ServiceStatuses {
  readonly #deployment: HealthSubject;
  readonly #health: DeploymentHealth;
  readonly #onChange: () => void;
  readonly #unsubscribe: () => void;

  constructor(deployment: HealthSubject, { maxStallMs, onChange }: StatusesOptions) {
    this.#deployment = deployment;
    this.#onChange = onChange;
    this.#health = new DeploymentHealth(deployment, { maxStallMs, onChange });
    this.#unsubscribe = deployment.onChange(onChange);
  }

  /** Nothing is `undefined` but a service that there is not. */
  of(service: string): ServingStatus | undefined {
    const probe = probes.get(service);
    if (probe !== undefined) return servingIf(this.#health.report(probe).ok);
    const instance = this.#deployment.status().find((status) => status.instance === service);
    return instance && servingIf(instance.state === 'ready' && !this.#health.isEnding);
  }

  /** Every service that there is. */
  names(): readonly string[] {
    const instances = this.#deployment.status().flatMap(({ instance }) => (probes.has(instance) ? [] : [instance]));
    return [...probes.keys(), ...instances];
  }

  start(): void {
    this.#health.start();
  }

  /** From now on nothing wants more work. */
  end(): void {
    this.#health.end();
    this.#onChange();
  }

  release(): void {
    this.#health.stop();
    this.#unsubscribe();
  }
}

function servingIf(isServing: boolean): ServingStatus {
  return isServing ? 'SERVING' : 'NOT_SERVING';
}
