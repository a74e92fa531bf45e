import { defineComponent } from '../component.ts';
import { type Deployment, deploy } from '../deploy.ts';
import { orders, statuses } from './control-contracts.ts';
import { Replica } from './replica.ts';
import { StatusTopic } from './status-topic.ts';
import { type ReplicaSetOptions, requireReplicaSetOptions } from './replica-set-options.ts';

/** A process that takes its footprints from a topic. It is a deployment itself: health, signals and outcome are those of any other. */
export interface ReplicaSetMember extends Omit<Deployment, 'apply'> {
  /** Who it is in statuses. */
  readonly replica: string;
  /** What it runs at the moment, by identifier. */
  deployments(): ReadonlyMap<string, Deployment>;
}

/**
 * Takes orders from a control topic and carries them out: deploys footprints, applies further revisions, removes them. What becomes of each it tells on a status topic.
 *
 * An order that cannot be carried out as it is (a text that is no footprint, an unknown component, options that do not fit, a stale revision) is refused with its reasons
 * and goes to the dead letter of the control topic; the next one is carried out. The span of a control message has ended before anything of it starts.
 *
 * An order is acknowledged when it was found to be in order. What runs is in this process and nowhere else: after a restart, send it again.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION`
 * @example
 * const member = await joinReplicaSet({ name: 'workers', runtime, components: [till, ledger], transport: nats({ servers }) });
 * await member.ready;
 */
export async function joinReplicaSet(options: ReplicaSetOptions): Promise<ReplicaSetMember> {
  const settings = requireReplicaSetOptions(options);
  const { name, control, status, replica } = settings;
  const replicas: Replica[] = [];
  const component = defineComponent({
    name: 'control',
    doc: 'Takes footprints from a topic and runs them.',
    interests: { control: orders },
    aspects: { status: statuses },
    async bootstrap(lifecycle, link) {
      const topic = new StatusTopic({ replicaSet: name, replica, link, clock: lifecycle.scope.clock });
      const own = new Replica(settings, lifecycle, topic);
      replicas.push(own);
      link.subscribe('control', (message, scope) => own.take(message, scope));
      lifecycle.defer(async () => {
        await topic.flush();
        await topic.tell({ kind: 'left' });
      });
      await topic.tell({ kind: 'joined' });
    },
  });
  const footprint = {
    identifier: name,
    revision: 0,
    name,
    allocations: [{ component: 'control', bindings: { control, status } }],
  };
  const { runtime, transport, readyTimeoutMs, drainTimeoutMs } = settings.deploy;
  const deployment = await deploy(footprint, { runtime, components: [component], transport, readyTimeoutMs, drainTimeoutMs });
  return memberOf(deployment, replica, () => replicas[0]?.deployments ?? new Map());
}

function memberOf(deployment: Deployment, replica: string, deployments: () => ReadonlyMap<string, Deployment>): ReplicaSetMember {
  return {
    replica,
    deployments,
    get footprint() {
      return deployment.footprint;
    },
    lifecycle: deployment.lifecycle,
    ready: deployment.ready,
    grace: deployment.grace,
    done: deployment.done,
    status: () => deployment.status(),
    onChange: (listener) => deployment.onChange(listener),
    stop: (options) => deployment.stop(options),
  };
}
