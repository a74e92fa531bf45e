export type { NatsCredentials, NatsStreamOptions, NatsTlsOptions, NatsTransportOptions } from './nats-options.ts';
export { nats } from './nats-transport.ts';
