import { TracewrightError } from '../kernel/errors.ts';
import type { Lifecycle } from '../lifecycle/lifecycle.ts';
import type { Change } from './change.ts';
import type { Claim } from './claims.ts';
import type { Footprint } from './footprint.ts';
import type { ComponentStatus, StartedComponent } from './started-component.ts';

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
 * Makes a change: first what is new, beside all that runs; then what is replaced, which ends before its successor starts, so that there are never two of it; then what
 * had failed gets another try; at last what is allocated no longer ends.
 *
 * @throws {TracewrightError} `TW_ROLLED_BACK` where something did not come up: then all is as it was
 */
export async function rollOut(change: Change, setting: RollOutSetting): Promise<void> {
  const fresh: StartedComponent[] = [];
  const ended: StartedComponent[] = [];
  try {
    for (const claim of change.start) fresh.push(setting.tryOut(claim));
    await allUp(fresh);
    // What has failed, or has done its work, is not what is to be restored.
    ended.push(...change.replace.flatMap(({ running }) => (isAlive(running) ? [running] : [])));
    await stopAll(change.replace.map(({ running }) => running));
    for (const { claim } of change.replace) fresh.push(setting.tryOut(claim));
    await allUp(fresh);
    setting.accept();
  } catch (cause) {
    const failed = fresh.filter(({ cameUp, status }) => status.state === 'failed' || (!cameUp && status.state === 'ended'));
    await stopAll(fresh);
    throw await rolledBack({ ended, failed: failed.map(({ claim }) => claim.instance), cause }, setting);
  }
  if (setting.lifecycle.running) await Promise.allSettled(change.revive.map(({ claim }) => setting.start(claim).up));
  await stopAll(change.stop);
}

async function stopAll(components: readonly StartedComponent[]): Promise<void> {
  await Promise.all(components.map((component) => component.stop()));
}

const alive: ReadonlySet<ComponentStatus['state']> = new Set(['starting', 'ready', 'stopping']);

function isAlive({ status }: StartedComponent): boolean {
  return alive.has(status.state);
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
  const data = { identifier, revision, failed };
  if (!lifecycle.running) {
    const message = `revision ${revision} of ${identifier} was not applied: the deployment is ending`;
    const why: unknown = lifecycle.grace.reason;
    return new TracewrightError('TW_ROLLED_BACK', message, { data: { ...data, restored: false, lost: [] }, cause: why });
  }
  const what = `${failed.length === 0 ? '' : `${failed.join(', ')} of `}revision ${revision} of ${identifier} did not come up`;
  const restored = await Promise.allSettled(ended.map(({ claim }) => start(claim).up));
  const lost = ended.filter((_, index) => restored[index]?.status === 'rejected').map(({ claim }) => claim.instance);
  const end = lost.length === 0 ? 'what ran before runs again' : `and ${lost.join(', ')} could not be started again`;
  return new TracewrightError('TW_ROLLED_BACK', `${what}: ${end}`, { data: { ...data, restored: lost.length === 0, lost }, cause });
}
