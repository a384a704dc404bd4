/** Opens the embedded Postgres of DATA_DIR and waits to be killed. */
import { announceReady, makeLogger, openEmbeddedPostgres, untilStopped } from '@crosscheck/runtime';

const log = makeLogger({ service: 'small-supervisor' });
const { url } = await openEmbeddedPostgres({ dataDir: process.env['DATA_DIR'] ?? '', log });
announceReady({ service: 'small-supervisor', url });
await untilStopped({ log });
