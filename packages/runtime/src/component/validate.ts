import type { StandardSchemaV1 } from '@standard-schema/spec';
import { isThenable } from '../kernel/check.ts';

/** One thing that is wrong with a value, and where. */
export interface Problem {
  /** As in the program: `lines[2].price`; empty for the value as a whole. */
  readonly path: string;
  readonly message: string;
}

/** What a schema says of a value. */
export type Validated = { readonly value: unknown } | { readonly problems: readonly Problem[] };

/** Asks a schema, which may answer later: a promise comes back only then. What the schema itself throws is thrown. */
export function validate(schema: StandardSchemaV1, value: unknown): Validated | Promise<Validated> {
  const result = schema['~standard'].validate(value);
  return isThenable(result) ? Promise.resolve(result).then(judged) : judged(result);
}

function judged(result: StandardSchemaV1.Result<unknown>): Validated {
  if (result.issues === undefined) return result;
  return { problems: result.issues.map(({ path, message }) => ({ path: pathText(path ?? []), message })) };
}

/** All problems as one text, one line each. */
export function problemsText(problems: readonly Problem[]): string {
  return problems.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('\n');
}

function pathText(path: readonly (PropertyKey | StandardSchemaV1.PathSegment)[]): string {
  return path.reduce((text: string, segment) => {
    const key = typeof segment === 'object' ? segment.key : segment;
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, '');
}
