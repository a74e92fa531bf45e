import { KafkaJSNonRetriableError, KafkaJSProtocolError } from 'kafkajs';
import { expect, test } from 'vitest';
import { isOfRebalance } from './kafka-error.ts';

/** What a broker answered, as the client passes it on: wrapped where it gave up at once. */
function answer(type: string): Error {
  const error = Object.assign(new KafkaJSProtocolError(new Error(type)), { type });
  return Object.assign(new KafkaJSNonRetriableError(error), { cause: error });
}

test.each(['REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID'])('%s is of a rebalance, however deep it is', (type) => {
  expect(isOfRebalance(answer(type))).toBe(true);
  expect(isOfRebalance(new Error('commit', { cause: answer(type) }))).toBe(true);
});

test('anything else is not, also what is its own cause', () => {
  const circular = new Error('circular');
  circular.cause = circular;
  for (const error of [answer('GROUP_AUTHORIZATION_FAILED'), circular, 'REBALANCE_IN_PROGRESS', undefined])
    expect(isOfRebalance(error)).toBe(false);
});
