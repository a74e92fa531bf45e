import type { SignalSource } from '../../lifecycle/signal-options.ts';
import type { Component } from '../component.ts';
import type { Footprint } from '../footprint.ts';
import type { Transport } from '../transport.ts';
import type { Environment } from './flag.ts';
import type { FootprintText, Input } from './footprint-source.ts';
import type { Output } from './output.ts';

/** Transports by the schemes of their addresses. */
export type TransportFactories = Readonly<Record<string, (url: URL) => Transport | Promise<Transport>>>;

/** What a program is made of, before anybody has asked it for something. */
export interface Program {
  readonly name: string | undefined;
  readonly version: string | undefined;
  readonly components: readonly Component[];
  /** The one that runs where none is named. */
  readonly footprint: Footprint | FootprintText | undefined;
  readonly transports: TransportFactories;
}

/** What is around a program: of the process, or of a test. */
export interface Surroundings {
  readonly env: Environment;
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly process: SignalSource;
}
