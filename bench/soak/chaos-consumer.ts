import { openSync, writeSync } from 'node:fs';
import { defineComponent } from 'tracewright/component';
import { numbered } from '../numbered.ts';
import { deployOne, endWithSupervisor, tell } from './chaos-footprint.ts';

/**
 * A consumer process of the chaos run. Arguments: the broker's address, the file that it writes handled messages to, how many it handles at once, how long that
 * takes in milliseconds. It tells its supervisor each handled id, and at the end, for which it is asked, how many spans are open.
 */

const [url = '', journalPath = '', concurrency = '', handlerMs = ''] = process.argv.slice(2);
const journal = openSync(journalPath, 'a');
const sleepMs = Number(handlerMs);

const sink = defineComponent({
  name: 'sink',
  interests: { numbers: numbered },
  bootstrap(_l, link) {
    link.subscribe(
      'numbers',
      async ({ id, attempt }, scope) => {
        if (sleepMs > 0) await scope.clock.sleep(sleepMs, { signal: scope.signal });
        // Written before the broker can know: who dies in between has handled the message once too often, and never once too seldom.
        writeSync(journal, `${id} ${attempt} ${Date.now()}\n`);
        tell({ handled: id });
      },
      { concurrency: Number(concurrency) },
    );
  },
});

const part = endWithSupervisor();
const { deployment, end } = await deployOne(sink, url);
tell({ ready: true });
void deployment.done.then(({ status, error }) => {
  if (status !== 'failed') return;
  console.error('a consumer has failed', error);
  process.exit(1);
});
process.once('message', () => {
  void end().then((open) => {
    tell({ open });
    part();
  });
});
