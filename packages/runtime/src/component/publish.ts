import { attributes, spans } from '@tracewright/conventions';
import { type Operation, operation } from '../kernel/operation.ts';
import type { RunningScope } from '../kernel/running-scope.ts';
import type { RunOptions, Scope } from '../kernel/scope.ts';
import { MessageMetrics } from './message-metrics.ts';
import type { OutgoingMessage, TransportConnection } from './transport.ts';

/** The way of one component to one destination. */
export interface Outlet {
  readonly destination: string;
  readonly system: string;
  readonly connection: TransportConnection;
  readonly send: Operation;
  readonly metrics: MessageMetrics;
}

/** What is sent, before trace context is written into its headers. */
export interface Unsent extends Omit<OutgoingMessage, 'body' | 'headers'> {
  /** Of this message alone: its trace headers are written into them. */
  readonly headers: Record<string, string>;
  /** Made inside the operation: a payload that does not fit shows as a failed publication. */
  readonly encode: () => Uint8Array | Promise<Uint8Array>;
}

/** The way to another destination over the same connection. */
export function outletFor(
  { kernel }: RunningScope,
  { system, connection }: Pick<Outlet, 'system' | 'connection'>,
  destination: string,
): Outlet {
  const send = operation({
    name: spans.send.name.replace('<destination>', () => destination),
    kind: 'producer',
    attributes: {
      [attributes.messagingSystem.key]: system,
      [attributes.messagingOperationName.key]: 'send',
      [attributes.messagingOperationType.key]: 'send',
      [attributes.messagingDestination.key]: destination,
    },
  });
  return { destination, system, connection, send, metrics: new MessageMetrics(kernel.settings, { system, destination }) };
}

/** Where a publication starts. */
export interface PublishPlace {
  readonly scope: Scope;
  readonly options?: Pick<RunOptions, 'join' | 'identity'>;
}

/** Sends one message, as one operation of kind producer. */
export async function publish({ scope, options }: PublishPlace, outlet: Outlet, { id, key, headers, encode }: Unsent): Promise<void> {
  const { destination, connection, send, metrics } = outlet;
  const body = async (own: Scope): Promise<void> => {
    const encoded = await encode();
    await connection.publish(destination, { id, key, body: encoded, headers: own.inject(headers) }, own.signal);
  };
  try {
    const described = { [attributes.messagingMessageId.key]: id };
    await scope.run(send, body, { join: options?.join, identity: options?.identity, attributes: described });
  } catch (error) {
    metrics.sent({ error });
    throw error;
  }
  metrics.sent();
}
