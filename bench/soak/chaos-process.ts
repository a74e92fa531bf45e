import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What a process of the chaos run may say. */
interface Report {
  readonly ready?: boolean;
  readonly handled?: string;
  readonly open?: number;
  readonly repeated?: number;
  readonly status?: string;
}

export interface ProcessEvents {
  readonly onHandled?: ((id: string) => void) | undefined;
  /** It has ended, and nobody had killed it or asked it to. */
  readonly onFailure: (name: string) => void;
}

/** A process of the chaos run, from its start to its end. It never outlives this one. */
export class ChaosProcess {
  readonly name: string;
  /** Resolves when its component is ready. */
  readonly ready: Promise<void>;
  /** Resolves with the last that it said, when it is gone. */
  readonly gone: Promise<Report>;
  readonly #child: ChildProcess;
  #isToEnd = false;

  constructor(name: string, program: 'consumer' | 'publisher', { parameters, events }: ProcessSetting) {
    this.name = name;
    this.#child = fork(fileURLToPath(new URL(`chaos-${program}.ts`, import.meta.url)), [...parameters]);
    const kill = (): void => void this.#child.kill('SIGKILL');
    process.once('exit', kill);
    let last: Report = {};
    let isReady = (): void => undefined;
    this.ready = new Promise((resolve) => (isReady = resolve));
    this.#child.on('message', (said) => {
      const report = said as Report; // Only programs of this folder speak here.
      if (report.handled !== undefined) events.onHandled?.(report.handled);
      else last = report;
      if (report.ready === true) isReady();
    });
    this.gone = new Promise((resolve) => {
      this.#child.once('close', (exitCode) => {
        process.removeListener('exit', kill);
        if (exitCode !== 0 && !this.#isToEnd) events.onFailure(name);
        // Who waits for the start waits no longer.
        isReady();
        resolve(last);
      });
    });
  }

  /** As the kernel ends a process that has no memory left: it can do nothing more. */
  async kill(): Promise<void> {
    this.#isToEnd = true;
    this.#child.kill('SIGKILL');
    await this.gone;
  }

  /** Asks it to end in order. Resolves with what it has said then; it is killed where it takes longer than `patienceMs`. */
  async stop(patienceMs: number): Promise<Report> {
    if (this.#child.connected) this.#child.send('stop');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), patienceMs);
    const report = await this.gone;
    clearTimeout(timer);
    return report;
  }
}

interface ProcessSetting {
  readonly parameters: readonly string[];
  readonly events: ProcessEvents;
}
