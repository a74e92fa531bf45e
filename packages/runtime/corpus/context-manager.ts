import { context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';

/** Registers the context manager that every Node program with OpenTelemetry has. */
export function registerContextManager(): void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
}

/** Runs `program` as in a process that forgot to register one. Not for programs that run side by side. */
export async function withoutContextManager(program: () => Promise<void>): Promise<void> {
  context.disable();
  try {
    await program();
  } finally {
    registerContextManager();
  }
}
