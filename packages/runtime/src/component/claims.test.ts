import type { StandardSchemaV1 } from '@standard-schema/spec';
import { defineComponent, deploy, memoryTransport } from 'tracewright/component';
import { recordTraces } from 'tracewright/testing';
import { expect, test } from 'vitest';

/** A schema that refuses everything, with `messageOf` what it was given. */
function refusing(messageOf: (value: unknown) => string): StandardSchemaV1 {
  const standard = {
    version: 1,
    vendor: 'test',
    validate: (value: unknown) => ({ issues: [{ message: messageOf(value), path: ['key'] }] }),
  } as const;
  return { '~standard': standard };
}

async function refusal(options: unknown, messageOf: (value: unknown) => string): Promise<unknown> {
  using traces = recordTraces();
  const till = defineComponent({ name: 'till', options: refusing(messageOf), bootstrap: () => undefined });
  const footprint = { identifier: 'a', revision: 1, allocations: [{ component: 'till', options }] };
  return await deploy(footprint, { runtime: traces.runtime(), components: [till], transport: memoryTransport() }).catch(
    (error: unknown) => error,
  );
}

test('G7: what a schema quotes of options is not in what is told of them', async () => {
  const options = { key: 'hunter2', keys: ['hunter2-longer', { pin: 4711 }], text: 'two\n"lines"', short: 'no' };
  const error = await refusal(options, (value) => `Invalid: received ${JSON.stringify(value)} and ${options.text}, no number above 5`);
  const message = 'Invalid: received {"key":"…","keys":["…",{"pin":…}],"text":"…","short":"no"} and …, no number above 5';
  expect(error).toMatchObject({
    code: 'TW_COMPONENT_OPTIONS',
    message: `the footprint cannot be deployed:\nallocations[0].options.key: ${message}`,
    data: { problems: [{ path: 'allocations[0].options.key', message }] },
  });
});

test('options that are nothing but one text are taken out too', async () => {
  expect(await refusal(' hunter2 ', () => 'received hunter2')).toMatchObject({ message: expect.stringMatching(/: received …$/) });
});
