import type { Clock } from '../../kernel/clock.ts';
import { reportFault } from '../../kernel/telemetry.ts';
import type { Link } from '../link.ts';
import type { statuses } from './control-contracts.ts';
import type { ReplicaStatus, Told } from './replica-status.ts';

export interface StatusTopicOptions {
  readonly replicaSet: string;
  readonly replica: string;
  readonly link: Pick<Link<{ readonly status: typeof statuses }>, 'publish'>;
  readonly clock: Clock;
}

/** How long a status may take to be published. Nothing waits for it longer. Milliseconds. */
const patienceMs = 10_000;

/** So many statuses are kept that could not be told when they were due. */
const maxKept = 1000;

/** Tells how things stand. What cannot be told changes nothing else; it is told again at the end. */
export class StatusTopic {
  readonly #options: StatusTopicOptions;
  #untold: ReplicaStatus[] = [];

  constructor(options: StatusTopicOptions) {
    this.#options = options;
  }

  /** Resolves when the status is out, or has to wait for the end. */
  async tell(told: Told): Promise<void> {
    const { replicaSet, replica, clock } = this.#options;
    const status: ReplicaStatus = { ...told, replicaSet, replica, at: new Date(clock.now()).toISOString() };
    const failure = await this.#publish(status);
    if (failure === undefined) return;
    reportFault(`the status ${status.kind} of replica ${replica} could not be published; it is tried again at the end`, failure.error);
    if (this.#untold.length < maxKept) this.#untold.push(status);
  }

  /** Tells what could not be told, each once more, until one still cannot. */
  async flush(): Promise<void> {
    const untold = this.#untold;
    this.#untold = [];
    for (const [index, status] of untold.entries()) {
      const failure = await this.#publish(status);
      if (failure === undefined) continue;
      reportFault(`${untold.length - index} statuses of replica ${status.replica} were not published`, failure.error);
      return;
    }
  }

  async #publish(status: ReplicaStatus): Promise<{ readonly error: unknown } | undefined> {
    const { link, clock, replica } = this.#options;
    let cancel = (): void => undefined;
    const late = new Promise<{ readonly error: unknown }>((resolve) => {
      cancel = clock.setTimer(() => resolve({ error: `it took longer than ${patienceMs} ms` }), patienceMs);
    });
    const published = link.publish('status', status, { key: status.footprint?.identifier ?? replica }).then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    const failure = await Promise.race([published, late]);
    cancel();
    return failure;
  }
}
