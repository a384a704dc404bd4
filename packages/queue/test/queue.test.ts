import assert from 'node:assert/strict';
import { suite, test, type TestContext } from 'node:test';
import { toJobId, type TrialJob } from '@crosscheck/contracts';
import { openQueueBackend, type QueueBackend } from '@crosscheck/queue';
import { openDatabase } from '../../../test/support/postgres.ts';
import { startProcess } from '../../../test/support/processes.ts';
import { openRedis, redisMissing } from '../../../test/support/redis.ts';
import { makeSignal } from '../../../test/support/signal.ts';
import { until } from '../../../test/support/until.ts';

const LANE = 'mock/claude-opus-4-8';
const quiet = { warn: () => {}, error: () => {} };
const job = (t: number | string, e = 1): TrialJob => ({ t: String(t), e, v: 1 });
const newer = (t: number): TrialJob => ({ ...job(t), v: 2 as 1 });

type Urls = { redisUrl: string | null; databaseUrl: string };

async function openUrls(t: TestContext, kind: 'redis' | 'postgres'): Promise<Urls> {
  if (kind === 'redis') return { redisUrl: (await openRedis(t)).url, databaseUrl: '' };
  return { redisUrl: null, databaseUrl: (await openDatabase(t, { migrated: false })).url };
}

for (const kind of ['postgres', 'redis'] as const) {
  const skip = kind === 'redis' ? redisMissing() : false;

  async function open(t: TestContext): Promise<QueueBackend> {
    let backend: QueueBackend | undefined;
    // Registered first, so that it closes before its server ends.
    t.after(() => backend?.close({ graceMs: 0 }));
    backend = await openQueueBackend({ ...(await openUrls(t, kind)), log: quiet });
    assert.equal(backend.kind, kind);
    return backend;
  }

  suite(`the queue on ${kind}`, { skip }, () => {
    test('every trial that was added is processed once, and nothing is kept', async (t) => {
      const queue = await open(t);
      const done: string[] = [];
      const all = makeSignal('all processed');
      const process = async ({ t: trial }: TrialJob) => {
        if (done.push(trial) === 1_234) all.emit();
      };
      await queue.consumer(LANE, { concurrency: 20, process });
      await queue.producer(LANE).add(Array.from({ length: 1_234 }, (_, index) => job(index)));
      await all.next();
      assert.equal(new Set(done).size, 1_234);
      await until('the lane is empty', async () => {
        const counts = await queue.counts(LANE);
        return counts.active + counts.waiting + counts.delayed === 0;
      });
    });

    test('adding a trial of the same epoch again changes nothing while its job lives', async (t) => {
      const queue = await open(t);
      const producer = queue.producer(LANE);
      await producer.add([job(1), job(2), job(1)]);
      await producer.add([job(2), job(1), job(1, 2)]);
      assert.equal((await queue.counts(LANE)).waiting, 3, 'trial 1, trial 2, and trial 1 of the second epoch');
    });

    test('a trial that was processed can be added again under the same epoch', async (t) => {
      const queue = await open(t);
      const processed = makeSignal<string>('processed');
      await queue.consumer(LANE, { concurrency: 1, process: async ({ t: trial }) => processed.emit(trial) });
      await queue.producer(LANE).add([job(7)]);
      assert.equal(await processed.next(), '7');
      await until('the first job is gone', async () => (await queue.counts(LANE)).active === 0);
      await queue.producer(LANE).add([job(7)]);
      assert.equal(await processed.next(), '7');
    });

    test('lanes do not see each other, also when their names differ only in signs', async (t) => {
      const queue = await open(t);
      await queue.producer('mock/a-b').add([job(1)]);
      await queue.producer('mock/a/b').add([job(1), job(2)]);
      assert.equal((await queue.counts('mock/a-b')).waiting, 1);
      assert.equal((await queue.counts('mock/a/b')).waiting, 2);
    });

    test('a paused lane starts nothing, counts its jobs, and goes on when it is resumed', async (t) => {
      const queue = await open(t);
      const processed = makeSignal<string>('processed');
      await queue.pause(LANE);
      await queue.consumer(LANE, { concurrency: 2, process: async ({ t: trial }) => processed.emit(trial) });
      await queue.producer(LANE).add([job(1), job(2)]);
      assert.deepEqual(await queue.counts(LANE), { waiting: 2, active: 0, delayed: 0, paused: true });
      await queue.resume(LANE);
      assert.deepEqual([await processed.next(), await processed.next()].toSorted(), ['1', '2']);
    });

    test('closing waits for the trial that runs and leaves the others to the next consumer', async (t) => {
      const queue = await open(t);
      const [started, release] = [makeSignal('started'), makeSignal('release')];
      let finished = false;
      const consumer = await queue.consumer(LANE, {
        concurrency: 1,
        async process() {
          started.emit();
          await release.next();
          finished = true;
        },
      });
      await queue.producer(LANE).add([job(1), job(2)]);
      await started.next();
      const closed = consumer.close();
      assert.equal(finished, false);
      release.emit();
      await closed;
      assert.equal(finished, true);
      assert.equal((await queue.counts(LANE)).waiting, 1);
      const processed = makeSignal<string>('processed');
      await queue.consumer(LANE, { concurrency: 1, process: async ({ t: trial }) => processed.emit(trial) });
      assert.equal(await processed.next(), '2');
    });

    test('a trial that outlasts the grace of closing is told by its signal, and its job can be added again', async (t) => {
      const queue = await open(t);
      const started = makeSignal('started');
      const consumer = await queue.consumer(LANE, {
        concurrency: 1,
        process(_job, signal) {
          started.emit();
          return untilAborted(signal);
        },
      });
      await queue.producer(LANE).add([job(1)]);
      await started.next();
      await consumer.close({ graceMs: 20 });
      await queue.producer(LANE).add([job(1)]);
      assert.equal((await queue.counts(LANE)).waiting, 1);
    });

    test('cancelling reaches the signal of that trial alone, and the trial is not tried again', async (t) => {
      const queue = await open(t);
      const [started, cancelled] = [makeSignal<string>('started'), makeSignal<string>('cancelled')];
      const starts: string[] = [];
      const consumer = await queue.consumer(LANE, {
        concurrency: 2,
        async process({ t: trial }, signal) {
          starts.push(trial);
          started.emit(trial);
          await untilAborted(signal).catch((error: unknown) => {
            cancelled.emit(`${trial}: ${String(signal.reason)}`);
            throw error;
          });
        },
      });
      await queue.producer(LANE).add([job(1), job(2)]);
      await started.next();
      await started.next();
      assert.equal(consumer.cancel(toJobId('1', 1), 'the sweep was cancelled'), true);
      assert.match(await cancelled.next(), /^1: .*the sweep was cancelled/);
      assert.equal(cancelled.waiting(), 0);
      assert.equal(consumer.cancel(toJobId('9', 1), 'unknown'), false);
      await until('the cancelled job is gone', async () => (await queue.counts(LANE)).active === 1);
      consumer.cancelAll('the test is over');
      await cancelled.next();
      assert.deepEqual(starts.toSorted(), ['1', '2']);
    });

    test('what the processor throws is tried once more and then dropped', async (t) => {
      const queue = await open(t);
      const tried = makeSignal<number>('tried');
      let tries = 0;
      await queue.consumer(LANE, {
        concurrency: 1,
        async process() {
          tried.emit(++tries);
          throw new Error('this worker is broken');
        },
      });
      await queue.producer(LANE).add([job(1)]);
      assert.equal(await tried.next(), 1);
      assert.equal(await tried.next(), 2);
      await until('the job is gone', async () => {
        const counts = await queue.counts(LANE);
        return counts.active + counts.waiting + counts.delayed === 0;
      });
      assert.equal(tries, 2);
    });

    test('more concurrency takes effect while the consumer runs', async (t) => {
      const queue = await open(t);
      const [started, release] = [makeSignal<string>('started'), makeSignal('release')];
      const consumer = await queue.consumer(LANE, {
        concurrency: 1,
        async process({ t: trial }) {
          started.emit(trial);
          await release.next();
        },
      });
      await queue.producer(LANE).add([job(1), job(2), job(3), job(4)]);
      await started.next();
      consumer.setConcurrency(3);
      release.emit();
      for (let waits = 0; waits < 3; waits++) await started.next();
      assert.equal((await queue.counts(LANE)).active, 3);
      for (let running = 0; running < 3; running++) release.emit();
    });

    test('a job of a newer version is handed back, and a worker that knows it finds it', async (t) => {
      const queue = await open(t);
      const processed = makeSignal<string>('processed');
      await queue.consumer(LANE, { concurrency: 1, process: async ({ t: trial }) => processed.emit(trial) });
      await queue.producer(LANE).add([newer(1), job(2)]);
      assert.equal(await processed.next(), '2');
      await until('the newer job waits', async () => (await queue.counts(LANE)).delayed === 1);
      assert.equal(processed.waiting(), 0);
      await queue.producer(LANE).add([job(1)]);
      assert.equal((await queue.counts(LANE)).delayed, 1, 'the same claim does not run beside it');
    });

    test('a job of a newer version that nobody knows any more gives its place to one that is known', async (t) => {
      const queue = await open(t);
      const processed = makeSignal<string>('processed');
      const process = async ({ t: trial }: TrialJob) => processed.emit(trial);
      await queue.consumer(LANE, { concurrency: 1, newerJobDelayMs: 10, process });
      await queue.producer(LANE).add([newer(1)]);
      await until('the newer job is gone', async () => {
        const { waiting, active, delayed } = await queue.counts(LANE);
        return waiting + active + delayed === 0;
      });
      await queue.producer(LANE).add([job(1)]);
      assert.equal(await processed.next(), '1');
    });

    test('a job with a field of later builds runs as before, and one that no build wrote is dropped', async (t) => {
      const queue = await open(t);
      const processed = makeSignal<TrialJob>('processed');
      await queue.consumer(LANE, { concurrency: 1, process: async (each) => processed.emit(each) });
      const [later, broken] = [{ ...job(1), why: 'unknown' }, { t: '2', e: 1 } as TrialJob];
      await queue.producer(LANE).add([broken, later]);
      assert.deepEqual(await processed.next(), job(1));
      await until('both are gone', async () => {
        const { waiting, active, delayed } = await queue.counts(LANE);
        return waiting + active + delayed === 0;
      });
      assert.equal(processed.waiting(), 0);
    });

    test('a trial whose worker is killed is processed by another one', async (t) => {
      let queue: QueueBackend | undefined;
      t.after(() => queue?.close());
      const urls = await openUrls(t, kind);
      const victim = await startProcess(t, {
        file: 'packages/queue/test/hanging-worker.ts',
        env: { URLS: JSON.stringify(urls), LANE },
      });
      queue = await openQueueBackend({ ...urls, log: quiet });
      await queue.producer(LANE).add([job(1)]);
      await until('the victim has the job', async () => (await queue?.counts(LANE))?.active === 1);
      await victim.kill('SIGKILL');
      const processed = makeSignal<TrialJob>('processed', { timeoutMs: 20_000 });
      const stalled = makeSignal<string>('stalled');
      await queue.consumer(LANE, {
        concurrency: 1,
        lockDurationMs: 1_000,
        stalledIntervalMs: 500,
        process: async (each) => processed.emit(each),
        onStalled: (id) => stalled.emit(id),
      });
      assert.deepEqual(await processed.next(), job(1));
      assert.equal(await stalled.next(), 't-1-1');
    });
  });
}

test('a Redis that is not there is named with what to do', async () => {
  await assert.rejects(
    openQueueBackend({ redisUrl: 'redis://127.0.0.1:1', databaseUrl: '', log: quiet }),
    /Redis at 127\.0\.0\.1:1 does not answer.*REDIS_URL/,
  );
});

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
  });
}
