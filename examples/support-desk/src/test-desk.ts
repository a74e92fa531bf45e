import type { Clock, Outcome, Runtime } from 'tracewright';
import { memoryTransport } from 'tracewright/component';
import { MemoryBook } from './books.ts';
import { fallbackFor } from './callers.ts';
import type { Model } from './model.ts';
import { scriptedOrders } from './orders.ts';
import type { Partners } from './partners.ts';
import type { Service } from './service.ts';
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

export interface TestOptions extends Partial<Partners> {
  readonly mode?: 'development' | 'production' | undefined;
  /** That of the runtime, where it has one of its own. */
  readonly clock?: Clock | undefined;
}

export interface TestDesk extends SupportDesk {
  readonly app: Service;
}

/** A desk as `main` opens it, without a server; of its partners none fails, and there is no courier, where the options do not say otherwise. */
export async function openTestDesk(runtime: Runtime, { mode = 'development', clock, ...partners }: TestOptions = {}): Promise<TestDesk> {
  const reliable = {
    model: instantModel,
    orders: scriptedOrders(),
    courier: undefined,
    summaries: new MemoryBook(),
    archive: new MemoryBook(),
  };
  let app: Service | undefined;
  const server = { serve: (given: Service) => void (app = given), stopAccepting: () => undefined };
  const desk = await openDesk({
    runtime,
    partners: { ...reliable, ...partners },
    transport: memoryTransport({ clock }),
    fallback: fallbackFor(mode, 'support-desk'),
    server,
  });
  if (app === undefined) throw new Error('the desk is open and answers no requests');
  return { ...desk, app };
}

/** Stops the desk, and waits until the tickets in work are answered. */
export async function closeDesk({ deployment }: TestDesk): Promise<Outcome> {
  await deployment.stop();
  return await deployment.done;
}

/** Posts a ticket as `headers` say. */
export async function post(
  desk: TestDesk,
  body: string,
  headers: Readonly<Record<string, string>> = { 'x-user': 'ada' },
): Promise<Response> {
  return desk.app.request('/tickets', { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });
}
