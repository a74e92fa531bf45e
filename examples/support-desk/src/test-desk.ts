import type { Outcome, Runtime } from 'tracewright';
import { MemoryBook } from './books.ts';
import { fallbackFor } from './callers.ts';
import type { Model } from './model.ts';
import { scriptedOrders } from './orders.ts';
import type { Partners } from './partners.ts';
import { openDesk, type SupportDesk } from './support-desk.ts';

/** A model that answers at once. */
export const instantModel: Model = {
  name: 'scripted',
  async *answer() {
    yield 'It is ';
    yield 'on its way.';
  },
};

/** A model that writes one word, and the rest when it is told to. */
export function heldModel(): { readonly model: Model; readonly release: () => void } {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const model: Model = {
    name: 'scripted',
    async *answer() {
      yield 'It is ';
      await released;
      yield 'on its way.';
    },
  };
  return { model, release: () => release() };
}

/** A desk as `main` opens it, without a server; of its partners none fails, and there is no courier, where `partners` does not say otherwise. */
export function openTestDesk(
  runtime: Runtime,
  partners: Partial<Partners> = {},
  mode: 'development' | 'production' = 'development',
): SupportDesk {
  const reliable = {
    model: instantModel,
    orders: scriptedOrders(),
    courier: undefined,
    summaries: new MemoryBook(),
    archive: new MemoryBook(),
  };
  return openDesk({ runtime, partners: { ...reliable, ...partners }, fallback: fallbackFor(mode, 'support-desk') });
}

/** Stops the worker, and waits until it has answered every ticket. */
export async function closeDesk({ worker }: SupportDesk): Promise<Outcome> {
  await worker.lifecycle.stop();
  return await worker.lifecycle.done;
}

/** Posts a ticket as `headers` say. */
export async function post(
  desk: SupportDesk,
  body: string,
  headers: Readonly<Record<string, string>> = { 'x-user': 'ada' },
): Promise<Response> {
  return desk.app.request('/tickets', { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });
}
