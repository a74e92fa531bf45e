export type { KafkaCredentials, KafkaTlsOptions, KafkaTopicOptions, KafkaTransportOptions } from './kafka-options.ts';
export { kafka } from './kafka-transport.ts';
