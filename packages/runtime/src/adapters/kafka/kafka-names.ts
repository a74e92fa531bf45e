import { badOption } from '../../kernel/errors.ts';

/**
 * A topic is what Kafka calls a destination.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` for a name that Kafka does not allow
 */
export function requireTopic(option: string, value: unknown): string {
  const isTopic = typeof value === 'string' && /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}$/.test(value);
  if (!isTopic) throw badOption(option, 'the name of a Kafka topic: at most 249 letters, digits, dots, `_` and `-`', value);
  return value;
}

/**
 * The group of Kafka's for one group and destination, `<group>/<destination>`. Each destination has one of its own: the client hands out the partitions of a group
 * as if all of its members had subscribed to the same topics. No topic has a `/`, so that each pair has another name.
 */
export function groupIdOf(group: string, topic: string): string {
  return `${group}/${topic}`;
}
