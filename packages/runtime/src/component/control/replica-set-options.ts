import { randomUUID } from 'node:crypto';
import { requireKnownKeys, requirePlainObject, requireText } from '../../kernel/check.ts';
import { badOption } from '../../kernel/errors.ts';
import { type DeployOptions, type DeploySettings, requireDeployOptions } from '../deploy.ts';

export interface ReplicaSetOptions extends DeployOptions {
  /** Which replicas share the orders: each order reaches one of them. Default `replicas`. */
  readonly name?: string | undefined;
  /** Who this process is among them. Default: a random UUID. */
  readonly replica?: string | undefined;
  /** Where orders come from. Default `tracewright.control`. */
  readonly control?: string | undefined;
  /** Where it tells what became of them. Default `tracewright.status`. */
  readonly status?: string | undefined;
}

/** Options with nothing left to decide. */
export interface ReplicaSetSettings {
  readonly name: string;
  readonly replica: string;
  readonly control: string;
  readonly status: string;
  /** For each footprint. */
  readonly deploy: DeploySettings;
}

/** @throws {TracewrightError} `TW_BAD_OPTION` */
export function requireReplicaSetOptions(options: ReplicaSetOptions): ReplicaSetSettings {
  requirePlainObject('replicaSet', options);
  const { name = 'replicas', replica = randomUUID(), control = 'tracewright.control', status = 'tracewright.status', ...rest } = options;
  if (requireText('replicaSet.name', name).includes('/'))
    throw badOption('replicaSet.name', "text without '/', which joins the names of a path", name);
  requireText('replicaSet.replica', replica);
  requireText('replicaSet.control', control);
  if (requireText('replicaSet.status', status) === control)
    throw badOption('replicaSet.status', 'another destination than that of control', status);
  requireKnownKeys('replicaSet', rest, ['runtime', 'components', 'transport', 'policy', 'readyTimeoutMs', 'drainTimeoutMs', 'locations']);
  return { name, replica, control, status, deploy: requireDeployOptions(rest) };
}
