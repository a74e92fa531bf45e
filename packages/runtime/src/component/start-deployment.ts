import { TracewrightError } from '../kernel/errors.ts';
import type { Lifecycle } from '../lifecycle/lifecycle.ts';
import type { Deployment, DeploySettings } from './deploy.ts';
import { footprintIdentity } from './footprint-identity.ts';
import type { Footprint } from './footprint.ts';
import { RunningDeployment } from './running-deployment.ts';

/**
 * Starts a deployment. Resolves when all of it has been started; rejects, and nothing has, where the footprint cannot be.
 *
 * @throws {TracewrightError} as `deploy`
 */
export async function startDeployment(footprint: Footprint, settings: DeploySettings): Promise<Deployment> {
  const { runtime, drainTimeoutMs } = settings;
  const begun: RunningDeployment[] = [];
  let isBegun: () => void = () => undefined;
  const begins = new Promise<void>((resolve) => (isBegun = resolve));
  const body = (own: Lifecycle): void => {
    begun.push(new RunningDeployment(own, footprint, settings));
    isBegun();
  };
  const identity = { extend: footprintIdentity(footprint) };
  const handle = runtime.lifecycle(footprint.name ?? 'deployment', body, { identity, drainTimeoutMs });
  // Hooks of whoever has it run may take their time, or leave it without a beginning.
  await Promise.race([begins, handle.done]);
  const [deployment] = begun;
  if (deployment === undefined)
    throw new TracewrightError('TW_LIFECYCLE_STATE', `${handle.path} ended before it began`, {
      data: { lifecycle: handle.path, state: 'done' },
    });
  deployment.lifecycle = handle;
  await deployment.launched;
  return deployment;
}
