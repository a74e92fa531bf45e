import type { StandardSchemaV1 } from 'tracewright/component';

export interface Numbered {
  readonly n: number;
}

/** A schema by hand: what is measured is not a validator. */
export const numbered: StandardSchemaV1<Numbered> = {
  '~standard': {
    version: 1,
    vendor: 'bench',
    validate: (value) => (isNumbered(value) ? { value } : { issues: [{ message: 'must be { n: number }' }] }),
  },
};

function isNumbered(value: unknown): value is Numbered {
  return typeof value === 'object' && value !== null && 'n' in value && typeof value.n === 'number';
}
