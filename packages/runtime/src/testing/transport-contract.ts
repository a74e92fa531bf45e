import { deepEqual } from 'node:assert/strict';
import { requireFunction, requireKnownKeys, requirePlainObject, requirePositive } from '../kernel/check.ts';
import { badOption } from '../kernel/errors.ts';
import { connectionCases } from './transport-contract/connection-cases.ts';
import type { ContractCase, ContractTerms, PlannedCase, TransportUnderTest } from './transport-contract/contract-case.ts';
import { groupCases } from './transport-contract/group-cases.ts';
import { messageCases } from './transport-contract/message-cases.ts';
import { receiveCases } from './transport-contract/receive-cases.ts';
import { settlingCases } from './transport-contract/settling-cases.ts';
import { Trial } from './transport-contract/trial.ts';

/**
 * What every transport has to keep, as cases for any test framework: each calls `setUp`, tries one promise of the port, and disposes of what it was given.
 * A promise that the transport does not make by its capabilities is not listed.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` for terms of the wrong shape, and for a transport that can `extend` a deadline that is not given
 * @example
 * for (const { title, run } of transportContract(setUp, { capabilities: nats(options).capabilities, redeliveryMs: 2000 })) test(title, run);
 */
export function transportContract(setUp: () => Promise<TransportUnderTest>, terms: ContractTerms): readonly ContractCase[] {
  requireFunction('setUp', setUp);
  const { capabilities, redeliveryMs } = requireTerms(terms);
  const planned = [...messageCases, ...receiveCases, ...groupCases, ...settlingCases, ...connectionCases];
  const isKept = (need: PlannedCase['needs'][number]): boolean =>
    need === 'redeliveryMs' ? redeliveryMs !== undefined : capabilities[need];
  return planned
    .filter(({ needs }) => needs.every(isKept))
    .map(({ title, body }) => ({ title, run: () => tryOut(body, { setUp, terms }) }));
}

interface Surroundings {
  readonly setUp: () => Promise<TransportUnderTest>;
  readonly terms: ContractTerms;
}

async function tryOut(body: PlannedCase['body'], { setUp, terms }: Surroundings): Promise<void> {
  const underTest = await setUp();
  try {
    deepEqual({ ...underTest.transport.capabilities }, { ...terms.capabilities }, 'the transport declares other capabilities');
    const trial = new Trial(underTest, terms);
    // What the case found says more than a close that fails after it.
    const found = await body(trial).then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    const closed = await trial.close().then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    const failure = found ?? closed;
    if (failure !== undefined) throw failure.error;
  } finally {
    await underTest.dispose();
  }
}

function requireTerms(terms: ContractTerms): ContractTerms {
  requireKnownKeys('terms', requirePlainObject('terms', terms), ['capabilities', 'redeliveryMs', 'patienceMs']);
  const { capabilities, redeliveryMs, patienceMs } = terms;
  requirePlainObject('terms.capabilities', capabilities);
  if (redeliveryMs !== undefined) requirePositive('terms.redeliveryMs', redeliveryMs);
  if (patienceMs !== undefined) requirePositive('terms.patienceMs', patienceMs);
  if (capabilities.extend && redeliveryMs === undefined)
    throw badOption('terms.redeliveryMs', 'given where the transport can extend it', redeliveryMs);
  return terms;
}
