import type { Runtime } from 'tracewright';
import { type Deployment, deploy, type Transport } from 'tracewright/component';
import { defineReception, type ReceptionOptions } from './reception.ts';
import type { Partners } from './partners.ts';
import { Tickets } from './tickets.ts';
import { defineWorker, WorkerLog } from './worker.ts';

export interface SupportDeskOptions extends Omit<ReceptionOptions, 'tickets'> {
  readonly runtime: Runtime;
  readonly partners: Partners;
  readonly transport: Transport;
}

/** The whole desk: a reception and a worker, and messages from the one to the other. */
export interface SupportDesk {
  readonly deployment: Deployment;
  readonly worker: WorkerLog;
  readonly tickets: Tickets;
}

const footprint = {
  identifier: '0e9a1c52-6b7d-4f39-8d24-5a3c1be0f7d6',
  revision: 1,
  name: 'desk',
  allocations: [{ component: 'reception' }, { component: 'worker' }],
};

/** How long requests under way and tickets in work may take once the desk is stopped. */
const drainTimeoutMs = 5000;

/** Opens a desk. It refuses requests as soon as it is asked to stop. */
export async function openDesk({ partners, transport, ...options }: SupportDeskOptions): Promise<SupportDesk> {
  const { runtime } = options;
  const tickets = new Tickets();
  const worker = new WorkerLog();
  const components = [defineReception({ ...options, tickets }), defineWorker({ runtime, tickets, partners }, worker)];
  const deployment = await deploy(footprint, { runtime, components, transport, drainTimeoutMs });
  await deployment.ready;
  return { deployment, worker, tickets };
}
