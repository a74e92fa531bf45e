import type { Runtime } from 'tracewright';
import { fallbackFor } from './callers.ts';
import type { Model } from './model.ts';
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

/** A desk as `main` opens it, without a server. */
export function openTestDesk(
  runtime: Runtime,
  model: Model = instantModel,
  mode: 'development' | 'production' = 'development',
): SupportDesk {
  return openDesk({ runtime, model, fallback: fallbackFor(mode, 'support-desk') });
}

/** Posts a ticket as `headers` say. */
export async function post(
  desk: SupportDesk,
  body: string,
  headers: Readonly<Record<string, string>> = { 'x-user': 'ada' },
): Promise<Response> {
  return desk.app.request('/tickets', { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });
}
