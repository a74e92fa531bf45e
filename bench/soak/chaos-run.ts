import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import type { NatsServer } from '../nats-server.ts';
import type { Killed } from './chaos-accounts.ts';
import type { ChaosOptions } from './chaos-options.ts';
import type { PlannedKill } from './chaos-plan.ts';
import { ChaosProcess } from './chaos-process.ts';

/** A kill, and how the others bore it. */
export interface Recovered extends Killed {
  readonly handledBefore: number;
  /** From the restart until each that was concerned had handled a message again; nothing where none was left for it. Milliseconds. */
  readonly recoveryMs: number | undefined;
}

export interface RunEnd {
  /** Processes that ended though nobody had killed them. */
  readonly failures: readonly string[];
  /** Publications that were sent again. */
  readonly repeated: number;
  /** Spans open in all processes when they ended in order; `NaN` where one could not. */
  readonly open: number;
  /** Names of all that there have been. */
  readonly consumers: readonly string[];
}

/** When nothing is handled for so long, the rest is lost. Milliseconds. */
const stallMs = 60_000;
const stopPatienceMs = 40_000;
const pollMs = 5;

/** The processes of a chaos run: starts them, kills them by a plan, and ends them. */
export class ChaosRun {
  readonly #options: ChaosOptions;
  readonly #server: NatsServer;
  readonly #handled = new Set<string>();
  /** Tells `handled` with the name of the process, each time. */
  readonly #events = new EventEmitter();
  /** By their numbers; one that was killed gives way to its successor. */
  readonly #consumers: ChaosProcess[] = [];
  readonly #names: string[] = [];
  readonly #failures: string[] = [];
  #publisher: ChaosProcess | undefined;
  #lastProgressAt = performance.now();

  /** Journals of the processes are files of the server's folder, named as they are. */
  constructor(options: ChaosOptions, server: NatsServer) {
    this.#options = options;
    this.#server = server;
  }

  /** Starts everything; resolves when all are ready. */
  async start(): Promise<void> {
    const { consumers, messages, perSecond } = this.#options;
    await this.#server.start();
    await Promise.all(Array.from({ length: consumers }, (_, number) => this.#startConsumer(number)));
    const parameters = [this.#server.url, join(this.#server.folder, 'published'), String(messages), String(perSecond)];
    this.#publisher = new ChaosProcess('publisher', 'publisher', { parameters, events: { onFailure: this.#onFailure } });
    await this.#publisher.ready;
    this.#lastProgressAt = performance.now();
  }

  /** Carries the plan out, one kill after the other, each once the one before was recovered from; resolves when all is handled, or nothing goes on. */
  async kill(plan: readonly PlannedKill[], report: (kill: Recovered) => void): Promise<readonly Recovered[]> {
    const kills: Recovered[] = [];
    for (const planned of plan) {
      await this.#until(() => this.#handled.size >= planned.afterHandled);
      if (this.#isOver) break;
      const kill = await this.#killOnce(kills.length + 1, planned);
      kills.push(kill);
      report(kill);
    }
    await this.#until(() => this.#isOver);
    return kills;
  }

  /** Ends all processes in order. */
  async end(): Promise<RunEnd> {
    const all = this.#publisher === undefined ? this.#consumers : [...this.#consumers, this.#publisher];
    const said = await Promise.all(all.map((each) => each.stop(stopPatienceMs)));
    return {
      failures: this.#failures,
      repeated: said.reduce((sum, { repeated = 0 }) => sum + repeated, 0),
      open: said.reduce((sum, { open = Number.NaN }) => sum + open, 0),
      consumers: this.#names,
    };
  }

  async #killOnce(number: number, { broker, consumers, downMs }: PlannedKill): Promise<Recovered> {
    const handledBefore = this.#handled.size;
    const victims = consumers.flatMap((slot) => this.#consumers[slot] ?? []);
    const at = Date.now();
    await Promise.all([broker ? this.#server.kill() : undefined, ...victims.map((victim) => victim.kill())]);
    await new Promise((resolve) => setTimeout(resolve, downMs));
    if (broker) await this.#server.start();
    const restartedAt = performance.now();
    const successors = consumers.map((slot) => this.#startConsumer(slot));
    const bereft = broker ? this.#consumers : consumers.flatMap((slot) => this.#consumers[slot] ?? []);
    const handledAt = this.#whenHandledBy(bereft.map(({ name }) => name));
    await Promise.all(successors);
    const backAt = Date.now();
    const recoveredAt = await handledAt;
    const recoveryMs = recoveredAt === undefined ? undefined : recoveredAt - restartedAt;
    return { number, broker, consumers: victims.map(({ name }) => name), at, backAt, handledBefore, recoveryMs };
  }

  #startConsumer(slot: number): Promise<void> {
    const { concurrency, handlerMs } = this.#options;
    const name = `consumer-${slot + 1}.${this.#names.filter((known) => known.startsWith(`consumer-${slot + 1}.`)).length + 1}`;
    this.#names.push(name);
    const parameters = [this.#server.url, join(this.#server.folder, name), String(concurrency), String(handlerMs)];
    const onHandled = (id: string): void => {
      if (!this.#handled.has(id)) this.#lastProgressAt = performance.now();
      this.#handled.add(id);
      this.#events.emit('handled', name);
    };
    const consumer = new ChaosProcess(name, 'consumer', { parameters, events: { onHandled, onFailure: this.#onFailure } });
    this.#consumers[slot] = consumer;
    return consumer.ready;
  }

  readonly #onFailure = (name: string): void => void this.#failures.push(name);

  /** When each of those has handled a message again; nothing where that does not come to pass any more. */
  async #whenHandledBy(names: readonly string[]): Promise<number | undefined> {
    const awaited = new Set(names);
    const listen = (name: string): void => void awaited.delete(name);
    this.#events.on('handled', listen);
    await this.#until(() => awaited.size === 0);
    this.#events.off('handled', listen);
    return awaited.size === 0 ? performance.now() : undefined;
  }

  /** Everything is handled, or nothing has gone on for too long. */
  get #isOver(): boolean {
    return this.#handled.size >= this.#options.messages || performance.now() - this.#lastProgressAt > stallMs;
  }

  /** Waits until something is so, or the run is over. */
  async #until(isSo: () => boolean): Promise<void> {
    while (!isSo() && !this.#isOver) await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
