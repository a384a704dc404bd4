/** A service that does nothing but stop, in the way that MODE says. */
import { announceReady, makeLogger, untilStopped } from '@crosscheck/runtime';

const mode = process.env['MODE'];
const log = makeLogger({ service: 'small' });
const stopped = untilStopped({ log, graceMs: 200 });
announceReady({ service: 'small', port: 1234 });
if (mode === 'throws') {
  setTimeout(() => {
    throw new Error('nobody caught this');
  }, 1);
}
const reason = await stopped;
log.info({ because: reason.kind }, 'closing');
if (mode === 'hangs') await new Promise((resolve) => setTimeout(resolve, 60_000));
log.info('closed');
