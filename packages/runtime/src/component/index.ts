export type { StandardSchemaV1 } from '@standard-schema/spec';
export { bytes, type Codec, json } from './codec.ts';
export { type MainOptions, main } from './command/main.ts';
export { orders, statuses } from './control/control-contracts.ts';
export { joinReplicaSet, type ReplicaSetMember } from './control/replica-set.ts';
export type { ReplicaSetOptions } from './control/replica-set-options.ts';
export type { ReplicaStatus } from './control/replica-status.ts';
export { type Component, type ComponentDefinition, defineComponent, type OptionsOf } from './component.ts';
export type { Contract, Contracts, Received, Sent } from './contract.ts';
export type { AppliedRevision } from './applied-revision.ts';
export { type Deployment, type DeploymentRuntime, type DeployOptions, deploy } from './deploy.ts';
export type { Allocation, Footprint } from './footprint.ts';
export { type ParseFootprintOptions, parseFootprint } from './footprint/parse-footprint.ts';
export { type HealthOptions, type HealthServer, serveHealth } from './health/serve-health.ts';
export type { Link, PublishOptions } from './link.ts';
export { type MemoryTransportOptions, memoryTransport } from './memory/memory-transport.ts';
export type { BatchHandler, FailedMessage, Handler, Message } from './message.ts';
export type { ComponentStatus } from './started-component.ts';
export type {
  BatchSubscribeOptions,
  MessageRetry,
  SeenMessages,
  SubscribeOptions,
  Subscription,
  SubscriptionStats,
} from './subscription/subscription.ts';
export { renderTopology } from './topology/render-topology.ts';
export { type Topology, type TopologyDestination, type TopologyInstance, type TopologyOptions, topologyOf } from './topology/topology.ts';
export type { TopologyWarning } from './topology/warnings.ts';
export type {
  ConnectOptions,
  Delivery,
  MessageSource,
  OutgoingMessage,
  Transport,
  TransportCapabilities,
  TransportConnection,
  SubscribeOptions as TransportSubscribeOptions,
} from './transport.ts';
