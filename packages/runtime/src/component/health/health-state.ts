import { type OverdueHeartbeat, overdueHeartbeats } from '../../lifecycle/overdue-heartbeats.ts';
import { readableTime } from '../../lifecycle/readable-time.ts';
import type { Deployment } from '../deploy.ts';
import type { ComponentStatus } from '../started-component.ts';

/** What a probe asks for: whether the deployment has come up, whether it wants traffic, whether the process is alive. */
export type Probe = 'startup' | 'readiness' | 'liveness';

/** What a probe gets. */
export interface HealthReport {
  readonly ok: boolean;
  /** Why not, in a few words. */
  readonly reason?: string;
  readonly components: readonly { readonly instance: string; readonly component: string; readonly state: ComponentStatus['state'] }[];
}

/**
 * What probes are told. Startup: every component has come up once. Readiness: the same, nothing has failed since, and nobody has asked for the end. Liveness: the process
 * answers, its event loop has not stood still for longer than `maxStallMs` lately, and every heartbeat that was promised has come: components that fail or end say nothing
 * about that.
 */
export function reportHealth(probe: Probe, { deployment, isUp, isEnding, stalledMs, maxStallMs }: HealthFacts): HealthReport {
  const statuses = deployment.status();
  const components = statuses.map(({ instance, component, state }) => ({ instance, component, state }));
  const failed = statuses.filter(({ state }) => state === 'failed').map(({ instance }) => instance);
  const report = (reason: string | undefined): HealthReport =>
    reason === undefined ? { ok: true, components } : { ok: false, reason, components };
  if (probe === 'liveness') {
    // It comes first: who cannot run cannot beat.
    if (stalledMs > maxStallMs) return report(`the event loop stood still for ${Math.round(stalledMs)} ms`);
    return report(missing(overdueHeartbeats(deployment.lifecycle)));
  }
  if (!isUp) return report(failed.length > 0 ? `could not start: ${failed.join(', ')}` : 'still starting');
  if (probe === 'startup') return report(undefined);
  if (failed.length > 0) return report(`failed: ${failed.join(', ')}`);
  return report(isEnding ? 'stopping' : undefined);
}

export interface HealthFacts {
  readonly deployment: Pick<Deployment, 'status' | 'lifecycle'>;
  readonly isUp: boolean;
  readonly isEnding: boolean;
  /** The longest stall lately. */
  readonly stalledMs: number;
  readonly maxStallMs: number;
}

/** So many are named: a reason is a few words. */
const maxNamed = 3;

function missing(overdue: readonly OverdueHeartbeat[]): string | undefined {
  if (overdue.length === 0) return undefined;
  const named = overdue.slice(0, maxNamed).map(({ path, name, ageMs }) => `${path} ${name} for ${readableTime(ageMs)}`);
  const more = overdue.length > maxNamed ? [`${overdue.length - maxNamed} more`] : [];
  return `no heartbeat of ${[...named, ...more].join(', ')}`;
}
