import { context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { createRuntime, type Runtime } from 'tracewright';
import { type Component, type Deployment, deploy } from 'tracewright/component';
import { nats } from 'tracewright/nats';
import { SpanCounter } from './span-counter.ts';

/** Where the messages go, and where those go that cannot be handled. */
export const destination = 'chaos.numbers';
export const deadLetterDestination = `${destination}.dead`;
const footprintIdentifier = 'chaos';

/** Short, so that what a dead process held comes again soon. Milliseconds. */
const ackWaitMs = 3000;

export interface ChaosDeployment {
  readonly deployment: Deployment;
  /** Ends what runs, and gives how many spans are still open then. */
  readonly end: () => Promise<number>;
}

/** Deploys one component of the chaos run in this process, over the broker at `url`. */
export async function deployOne(component: Component, url: string): Promise<ChaosDeployment> {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const counter = new SpanCounter();
  const runtime: Runtime = createRuntime({ tracerProvider: new BasicTracerProvider({ spanProcessors: [counter] }) });
  const allocation = { component: component.name, bindings: { numbers: destination } };
  const footprint = { identifier: footprintIdentifier, revision: 1, allocations: [allocation] };
  const deployment = await deploy(footprint, { runtime, components: [component], transport: nats({ servers: url, ackWaitMs }) });
  await deployment.ready;
  const end = async (): Promise<number> => {
    await deployment.stop();
    const open = counter.open;
    await runtime.close();
    return open;
  };
  return { deployment, end };
}

/** Tells the process that started this one. */
export function tell(report: object): void {
  process.send?.(report);
}

/** Ends this process with the one that started it: nobody else would. Returns what parts from it in peace. */
export function endWithSupervisor(): () => void {
  const end = (): never => process.exit(1);
  process.once('disconnect', end);
  // It may have gone while this one was loading.
  if (!process.connected) end();
  return () => {
    process.removeListener('disconnect', end);
    process.disconnect();
  };
}
