import type { Footprint } from '../footprint.ts';
import type { Program } from './program.ts';
import type { Settings } from './settings.ts';
import type { TransportUrl } from './transport-url.ts';

/** What is to be run, with nothing left to decide. */
export interface Plan {
  readonly program: Program;
  /** With what the command line and the environment say in it. */
  readonly footprint: Footprint;
  readonly settings: Settings;
  readonly transport: TransportUrl;
}
