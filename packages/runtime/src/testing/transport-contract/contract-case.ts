import type { Transport, TransportCapabilities } from '../../component/transport.ts';
import type { Trial } from './trial.ts';

/** One promise of a transport, as a test of any framework: `test(title, run)`. */
export interface ContractCase {
  /** The promise, as a sentence. */
  readonly title: string;
  /** Rejects with what is broken. */
  run(): Promise<void>;
}

/** A transport in surroundings of its own, made for one case. */
export interface TransportUnderTest {
  readonly transport: Transport;
  /** The name of a destination that nobody has used, ready for use; another one each time. */
  destination(): string;
  /** Lets `ms` milliseconds pass, on a fake clock or by real waiting, and all happen that follows. */
  advance(ms: number): Promise<void>;
  dispose(): Promise<void>;
}

/** What the contract must know beforehand. */
export interface ContractTerms {
  /** What the transport declares; each case checks that it does. Cases of what is declared `false` are not listed. */
  readonly capabilities: TransportCapabilities;
  /**
   * The broker's own deadline for settling, in milliseconds, where it has one; required for a transport that can `extend`. Two seconds or more leave a real
   * broker room.
   */
  readonly redeliveryMs?: number | undefined;
  /** How long the contract waits for what must happen, in milliseconds. Default 5000. */
  readonly patienceMs?: number | undefined;
}

/** A case as it is written down: what it needs, and what it does to a transport. */
export interface PlannedCase {
  readonly title: string;
  readonly needs: readonly (keyof TransportCapabilities | 'redeliveryMs')[];
  readonly body: (trial: Trial) => Promise<void>;
}
