import { TracewrightError } from 'tracewright';

/** One program, once on plain OpenTelemetry JS and once on Tracewright. */
export interface HostileCase {
  /** The name of its file. */
  readonly id: string;
  readonly title: string;
  /** `als`: how AsyncLocalStorage and the SDK’s limits really behave. `pain`: what users of tracing report again and again. */
  readonly source: 'als' | 'pain';
  /** Number in docs/guarantees.md. */
  readonly guarantee: number;
  readonly plain: {
    readonly breakage: string;
    /** Rejects when plain OpenTelemetry is not broken as described, so that no case is vacuous. */
    run(): Promise<void>;
  };
  readonly tracewright: {
    readonly promise: string;
    /** Rejects when the promise is not kept. */
    run(): Promise<void>;
  };
}

const idShape = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const guarantees = 12;

/**
 * Checks what the table of cases relies on.
 *
 * @throws {TracewrightError} `TW_BAD_OPTION` for an id that is no file name, or a guarantee that does not exist
 */
export function defineCase(given: HostileCase): HostileCase {
  const { id, guarantee } = given;
  if (!idShape.test(id)) throw wrong('id', id, `the id "${id}" is not in kebab case`);
  if (!Number.isInteger(guarantee) || guarantee < 1 || guarantee > guarantees) {
    throw wrong('guarantee', guarantee, `${id} names guarantee ${guarantee}, which does not exist`);
  }
  return Object.freeze(given);
}

function wrong(option: string, value: unknown, message: string): TracewrightError<'TW_BAD_OPTION'> {
  return new TracewrightError('TW_BAD_OPTION', message, { data: { option, value } });
}
