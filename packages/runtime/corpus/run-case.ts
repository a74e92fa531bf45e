import type { HostileCase } from './hostile-case.ts';
import { withStrayErrors } from './stray-errors.ts';

/** How one side of a case went. */
export type Verdict = { readonly held: true } | { readonly held: false; readonly error: unknown };

export interface CaseResult {
  readonly hostile: HostileCase;
  readonly plain: Verdict;
  readonly tracewright: Verdict;
}

/** Runs both sides, one after the other; neither keeps the other from running. An error that reaches nobody is a failure of the side that runs. */
export async function runCase(hostile: HostileCase): Promise<CaseResult> {
  const plain = await judge(() => hostile.plain.run());
  const tracewright = await judge(() => hostile.tracewright.run());
  return { hostile, plain, tracewright };
}

async function judge(side: () => Promise<void>): Promise<Verdict> {
  try {
    await withStrayErrors(side);
    return { held: true };
  } catch (error) {
    return { held: false, error };
  }
}
