/** Takes one trial and never finishes it: the test kills this process. */
import { openQueueBackend } from '@crosscheck/queue';
import { announceReady } from '@crosscheck/runtime';

const urls = JSON.parse(process.env['URLS'] ?? '') as { redisUrl: string | null; databaseUrl: string };
const queue = await openQueueBackend({ ...urls, log: { warn: () => {}, error: () => {} } });
await queue.consumer(process.env['LANE'] ?? '', {
  concurrency: 1,
  lockDurationMs: 1_000,
  stalledIntervalMs: 500,
  process: () => new Promise(() => {}),
});
announceReady({ service: 'hanging-worker' });
