import { isTracewrightError } from '../../kernel/errors.ts';
import type { BrokerLogin } from './broker-login.ts';
import { wrongUsage } from './wrong-usage.ts';

/** What options of a transport are called where they come from the environment. */
export function variableNames(system: 'nats' | 'kafka', login: BrokerLogin): ReadonlyMap<string, string> {
  const credentials = credentialsOf[login.kind];
  return new Map([
    [`${system}.credentials`, credentials],
    [`${system}.credentials.nkeySeed`, credentials],
    ...['ca', 'cert', 'key'].map((name): [string, string] => [
      `${system}.tls.${name}File`,
      `TRACEWRIGHT_TRANSPORT_${name.toUpperCase()}_FILE`,
    ]),
  ]);
}

const credentialsOf: Readonly<Record<BrokerLogin['kind'], string>> = {
  none: 'TRACEWRIGHT_TRANSPORT_*',
  user: 'TRACEWRIGHT_TRANSPORT_USER and _PASSWORD',
  token: 'TRACEWRIGHT_TRANSPORT_TOKEN',
  nkeySeed: 'TRACEWRIGHT_TRANSPORT_NKEY_SEED',
  creds: 'what TRACEWRIGHT_TRANSPORT_CREDS_FILE names',
};

/** What `make` gives; where it refuses an option that has another name for who runs the program, it is told by that name, and its value is not shown. */
export function withNames<T>(names: ReadonlyMap<string, string>, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!isTracewrightError(error, 'TW_BAD_OPTION')) throw error;
    const { option, expected } = error.data;
    const name = typeof option === 'string' ? names.get(option) : undefined;
    if (name === undefined || typeof expected !== 'string') throw error;
    throw wrongUsage(name, `${name} must be ${expected}`, error);
  }
}
