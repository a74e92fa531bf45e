import type { Outcome, Runtime } from 'tracewright';
import { shutDown } from './shutdown.ts';
import type { TestDesk } from './test-desk.ts';

const telemetry = { endpoint: undefined, close: () => Promise.resolve(true) };
const server = { origin: '', serve: () => undefined, stopAccepting: () => undefined, close: () => Promise.resolve() };

/** Shuts a desk down; the lines are what is printed so far. */
export function shutting(desk: TestDesk, runtime: Runtime): { readonly lines: readonly string[]; readonly ended: Promise<Outcome> } {
  const lines: string[] = [];
  return { lines, ended: shutDown({ desk, runtime, telemetry, server }, (line) => lines.push(line)) };
}

export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
