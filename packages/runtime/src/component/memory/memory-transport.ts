import { requireCount, requireKnownKeys, requirePlainObject, requirePositive, requireText } from '../../kernel/check.ts';
import { type Clock, systemClock } from '../../kernel/clock.ts';
import { badOption } from '../../kernel/errors.ts';
import type { ConnectOptions, Transport, TransportCapabilities, TransportConnection } from '../transport.ts';
import { memorySystem } from './broker-error.ts';
import { type BrokerSettings, Destination } from './destination.ts';
import { MemoryConnection } from './memory-connection.ts';

export interface MemoryTransportOptions {
  /** Times deadlines and delays, and says when a message was published. Default: the system's clock. */
  readonly clock?: Clock | undefined;
  /** How long a message may stay unsettled before it comes again, in milliseconds. Default 30,000. */
  readonly ackTimeoutMs?: number | undefined;
  /** How many messages may wait in a destination that no group has joined yet; further ones are refused. Default 10,000. */
  readonly maxBacklog?: number | undefined;
  /** How many messages a group may have that are not acknowledged, whether it has members or not; further ones are refused. Default 100,000. */
  readonly maxUnsettled?: number | undefined;
}

const capabilities: TransportCapabilities = Object.freeze({
  durable: true,
  redelivery: true,
  delayedRetry: true,
  countsDeliveries: true,
  keyOrder: true,
  extend: true,
});

/**
 * A broker in this process, that keeps what it has for as long as the transport lives: it does not matter who comes first, who publishes or who subscribes,
 * and whoever connects later finds what is left.
 *
 * What is published before the first group joins waits for that group; each later group begins with what is published once it has joined. A group stays when
 * its members leave. Of the messages that are ready, the oldest goes first, also when it comes again; members who wait take turns in the order in
 * which they joined. Of messages with the same key, the next one is ready when the one before is acknowledged: not while that is delayed or comes again. What
 * is not settled within `ackTimeoutMs`, or when its member closes, comes again; settling it later changes nothing. A delay runs on while nobody is there, but no
 * timer is set meanwhile.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` naming the wrong option and the value received. `publish`: `TW_TRANSPORT` with
 *   `data: { system, destination, maxBacklog }` when too much waits for a first group, with `data: { system, destination, group, maxUnsettled }` when a group has too much
 * @example
 * const deployment = await deploy(footprint, { runtime, components: [ping, pong], transport: memoryTransport() });
 */
export function memoryTransport(options: MemoryTransportOptions = {}): Transport {
  const settings = requireSettings(options);
  const destinations = new Map<string, Destination>();
  const destination = (name: string): Destination => {
    let found = destinations.get(name);
    if (found === undefined) destinations.set(name, (found = new Destination(name, settings)));
    return found;
  };
  return {
    system: memorySystem,
    capabilities,
    settleWithinMs: settings.ackTimeoutMs,
    async connect({ clientName, signal }: ConnectOptions): Promise<TransportConnection> {
      signal.throwIfAborted();
      return new MemoryConnection({ clientName: requireText('clientName', clientName), clock: settings.clock, destination });
    },
  };
}

function requireSettings(options: MemoryTransportOptions): BrokerSettings {
  const known = ['clock', 'ackTimeoutMs', 'maxBacklog', 'maxUnsettled'];
  requireKnownKeys('memoryTransport', requirePlainObject('memoryTransport', options), known);
  const { clock = systemClock, ackTimeoutMs = 30_000, maxBacklog = 10_000, maxUnsettled = 100_000 } = options;
  if (typeof clock.monotonic !== 'function' || typeof clock.setTimer !== 'function')
    throw badOption('memoryTransport.clock', 'a Clock', clock);
  return {
    clock,
    ackTimeoutMs: requirePositive('memoryTransport.ackTimeoutMs', ackTimeoutMs),
    maxBacklog: requireCount('memoryTransport.maxBacklog', maxBacklog),
    maxUnsettled: requireCount('memoryTransport.maxUnsettled', maxUnsettled),
  };
}
