import { TracewrightError } from '../kernel/errors.ts';
import type { Lifecycle } from '../lifecycle/lifecycle.ts';
import type { Change } from './change.ts';
import type { Claim } from './claims.ts';
import type { Footprint } from './footprint.ts';
import type { StartedComponent } from './started-component.ts';

export interface RollOutSetting {
  readonly footprint: Footprint;
  /** What all of it runs in. */
  readonly lifecycle: Lifecycle;
  /** Starts a component whose failure counts. */
  readonly start: (claim: Claim) => StartedComponent;
  /** Starts one whose failure only ends the roll-out. */
  readonly tryOut: (claim: Claim) => StartedComponent;
  /** From now on the failure of all that were tried out counts. */
  readonly accept: () => void;
}

/**
 * Makes a change: first what is new, beside all that runs; then what is replaced, which ends before its successor starts, so that there are never two of it; at last
 * what is allocated no longer.
 *
 * @throws {TracewrightError} `TW_ROLLED_BACK` where something did not come up: then all is as it was
 */
export async function rollOut(change: Change, setting: RollOutSetting): Promise<void> {
  const fresh: StartedComponent[] = [];
  const ended: StartedComponent[] = [];
  try {
    for (const claim of change.start) fresh.push(setting.tryOut(claim));
    await allUp(fresh);
    ended.push(...change.replace.map(({ running }) => running));
    await Promise.all(ended.map((component) => component.stop()));
    for (const { claim } of change.replace) fresh.push(setting.tryOut(claim));
    await allUp(fresh);
    setting.accept();
  } catch (cause) {
    const failed = fresh.filter(({ status: { state } }) => state === 'failed' || state === 'ended').map(({ claim }) => claim.instance);
    await Promise.all(fresh.map((component) => component.stop()));
    throw await rolledBack({ ended, failed, cause }, setting);
  }
  await Promise.all(change.stop.map((component) => component.stop()));
}

/** Whether all are up, also those that came up first and have failed since. */
async function allUp(components: readonly StartedComponent[]): Promise<void> {
  await Promise.all(components.map(({ up }) => up));
  for (const { status } of components) if (status.state === 'failed') throw status.error;
}

interface Failure {
  readonly ended: readonly StartedComponent[];
  readonly failed: readonly string[];
  readonly cause: unknown;
}

/** Starts again what was ended, and says how that went. */
async function rolledBack({ ended, failed, cause }: Failure, { footprint, lifecycle, start }: RollOutSetting): Promise<Error> {
  const { identifier, revision } = footprint;
  const what = `${[...failed, ''].join(', ').replace(/, $/, ' of ')}revision ${revision} of ${identifier} did not come up`;
  const data = { identifier, revision, failed };
  if (!lifecycle.running) {
    return new TracewrightError('TW_ROLLED_BACK', `${what}, and the deployment is ending`, { data: { ...data, restored: false }, cause });
  }
  const restored = await Promise.allSettled(ended.map(({ claim }) => start(claim).up));
  const lost = ended.filter((_, index) => restored[index]?.status === 'rejected').map(({ claim }) => claim.instance);
  const end = lost.length === 0 ? 'what ran before runs again' : `and ${lost.join(', ')} could not be started again`;
  return new TracewrightError('TW_ROLLED_BACK', `${what}: ${end}`, { data: { ...data, restored: lost.length === 0, lost }, cause });
}
