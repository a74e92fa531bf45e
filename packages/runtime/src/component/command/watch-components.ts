import type { HealthSubject } from '../health/deployment-health.ts';
import type { ComponentStatus } from '../started-component.ts';
import { shown } from '../topology/shown.ts';
import type { Log } from './log.ts';

/** Says each change of a component once: that it is ready, has failed, or has ended. Returns what ends that. */
export function watchComponents(deployment: Pick<HealthSubject, 'status' | 'onChange'>, log: Log): () => void {
  const told = new Map<string, ComponentStatus['state']>();
  const look = (): void => {
    for (const status of deployment.status()) {
      if (told.get(status.instance) === status.state) continue;
      told.set(status.instance, status.state);
      tell(status, log);
    }
  };
  look();
  return deployment.onChange(look);
}

function tell({ instance, component, state, error }: ComponentStatus, log: Log): void {
  const named = instance === component ? instance : `${shown(instance)} (${component})`;
  if (state === 'failed') log.failure(`${named} has failed`, error);
  else if (state === 'starting' || state === 'stopping') log.debug(`${named} is ${state}`);
  else log.info(state === 'ready' ? `${named} is ready` : `${named} has ended`);
}
