import { openSync, writeSync } from 'node:fs';
import { isTracewrightError, type Lifecycle } from 'tracewright';
import { defineComponent } from 'tracewright/component';
import { numbered } from '../numbered.ts';
import { deployOne, endWithSupervisor, tell } from './chaos-footprint.ts';

/**
 * The publishing process of the chaos run. Arguments: the broker's address, the file that it writes confirmed ids to, how many messages, how many in a second.
 * A publication that fails is tried again with the same id until the broker confirms it.
 */

const [url = '', journalPath = '', messages = '', perSecond = ''] = process.argv.slice(2);
const journal = openSync(journalPath, 'a');
const total = Number(messages);
const everyMs = 1000 / Number(perSecond);
/** How many publications are on their way at once. */
const senders = 16;
const pauseMs = 200;
let next = 0;
let repeated = 0;

const source = defineComponent({
  name: 'source',
  aspects: { numbers: numbered },
  bootstrap(l, link) {
    const startedAt = l.scope.clock.monotonic();
    const sendAll = async (own: Lifecycle): Promise<void> => {
      const { clock } = own.scope;
      while (next < total && own.running) {
        const n = next;
        next += 1;
        const waitMs = startedAt + n * everyMs - clock.monotonic();
        if (waitMs > 0) await clock.sleep(waitMs, { signal: own.signal });
        const id = `m-${n}`;
        while (!(await isConfirmed(link.publish('numbers', { n }, { id })))) {
          repeated += 1;
          await clock.sleep(pauseMs, { signal: own.signal });
        }
        writeSync(journal, `${id}\n`);
      }
    };
    for (let sender = 1; sender <= senders; sender += 1) l.fork(`send ${sender}`, sendAll);
  },
});

/** Whether the broker has the message. Where that is not known, it is sent again, and the broker knows it by its id. */
async function isConfirmed(publication: Promise<void>): Promise<boolean> {
  try {
    await publication;
    return true;
  } catch (error: unknown) {
    if (isTracewrightError(error, 'TW_TRANSPORT')) return false;
    throw error;
  }
}

const part = endWithSupervisor();
const { deployment, end } = await deployOne(source, url);
tell({ ready: true });
const { status } = await deployment.done;
tell({ status, repeated, open: await end() });
part();
