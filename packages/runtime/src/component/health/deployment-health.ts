import type { Deployment } from '../deploy.ts';
import { type HealthReport, type Probe, reportHealth } from './health-state.ts';
import { StallWatch } from './stall-watch.ts';

/** What health is told of: a deployment, or a member of a replica set. */
export type HealthSubject = Pick<Deployment, 'status' | 'lifecycle' | 'ready' | 'grace' | 'done' | 'onChange'>;

/** As often as Kubernetes asks unless told otherwise: so each of several that ask is told of every stall. Milliseconds. */
const minWindowMs = 10_000;

/** What a deployment is to probes, whatever these speak; found out anew each time. */
export class DeploymentHealth {
  readonly #subject: HealthSubject;
  readonly #maxStallMs: number;
  readonly #stalls: StallWatch;
  #isUp = false;
  #isEnding = false;

  /** @param onChange called when something may have changed that does not go through `onChange` of the deployment */
  constructor(subject: HealthSubject, { maxStallMs, onChange }: { readonly maxStallMs: number; readonly onChange?: () => void }) {
    this.#subject = subject;
    this.#maxStallMs = maxStallMs;
    this.#stalls = new StallWatch({ windowMs: Math.max(maxStallMs, minWindowMs) });
    subject.ready.then(
      () => {
        this.#isUp = true;
        onChange?.();
      },
      () => undefined,
    );
    // What ends by itself was never asked to.
    void subject.done.then(() => {
      this.end();
      onChange?.();
    });
  }

  /** Watches the event loop until `stop`. Keeps no process alive. */
  start(): void {
    this.#stalls.start();
  }

  stop(): void {
    this.#stalls.stop();
  }

  /** From now on nothing wants more work. */
  end(): void {
    this.#isEnding = true;
  }

  get isEnding(): boolean {
    return this.#isEnding || this.#subject.grace.aborted;
  }

  report(probe: Probe): HealthReport {
    return reportHealth(probe, {
      deployment: this.#subject,
      isUp: this.#isUp,
      isEnding: this.isEnding,
      // Asked for only where it counts.
      stalledMs: probe === 'liveness' ? this.#stalls.longestMs : 0,
      maxStallMs: this.#maxStallMs,
    });
  }
}
