import { setTimeout as sleep } from 'node:timers/promises';
import { readTrialJob, type TrialJob } from '@crosscheck/contracts';
import { DelayedError, type Job, UnrecoverableError } from 'bullmq';
import type { Driver, LaneWorkerOptions, QueueLog } from './driver.ts';

/**
 * Does a trial. It resolves after the outcome is committed, and also when the trial failed: that is an outcome. What it throws is
 * taken for a broken worker, and the job is tried once more, unless the signal was aborted: then the job is dropped.
 */
export type Process = (job: TrialJob, signal: AbortSignal) => Promise<void>;

export type ConsumerOptions = {
  process: Process;
  /** trials at once in this process, at least 1 */
  concurrency: number;
  /** how long a job belongs to a worker that has died, ms; renewed at half of it; 8,000 */
  lockDurationMs?: number;
  /** how often dead workers' jobs are looked for, ms; 3,000 */
  stalledIntervalMs?: number;
  /** how long a job of a newer version waits for a worker that understands it, ms; 30,000 */
  newerJobDelayMs?: number;
  /** told of a job that this process found to belong to a worker that does not answer any more */
  onStalled?: (jobId: string) => void;
};

/** Runs what is on the queue of one lane. */
export type Consumer = {
  /** @returns false when this process does not run that job */
  cancel: (jobId: string, reason: string) => boolean;
  cancelAll: (reason: string) => void;
  /** takes effect with the next job; what runs, runs on */
  setConcurrency: (concurrency: number) => void;
  /**
   * Fetches nothing more and waits for what runs, without a limit when `graceMs` is absent. After `graceMs` the rest is told to
   * stop by its signal. Resolves 5 s after that in any case: a queue that is away confirms nothing.
   */
  close: (options?: { graceMs?: number }) => Promise<void>;
};

/** A job that comes back while its worker lives is dropped by who gets it, so the lock may be short. */
const DEFAULTS = { lockDurationMs: 8_000, stalledIntervalMs: 3_000, newerJobDelayMs: 30_000 };
/** A call to a provider ends at once when it is aborted; what remains is to hand the job back. */
const ABORT_WAIT_MAX_MS = 5_000;
/** After so many starts nobody seems to understand it: the newer version was taken back. */
const NEWER_JOB_STARTS_MAX = 4;

export async function openConsumer(
  driver: Driver,
  name: string,
  { options, log, ...telemetry }: { options: ConsumerOptions; log: QueueLog } & Pick<LaneWorkerOptions, 'telemetry'>,
): Promise<Consumer> {
  const { lockDurationMs, stalledIntervalMs, newerJobDelayMs } = { ...DEFAULTS, ...options };
  const worker = driver.openWorker(name, makeProcessor(options.process, { newerJobDelayMs, log, queue: name }), {
    ...telemetry,
    autorun: false,
    concurrency: options.concurrency,
    lockDuration: lockDurationMs,
    stalledInterval: stalledIntervalMs,
    // The default of 1 would fail a trial for the second crash of its worker.
    maxStalledCount: 3,
    maxStartedAttempts: 20,
    maximumRateLimitDelay: 1_000,
    drainDelay: 5,
    // After a lost connection the default is 15 s, in which nothing runs.
    runRetryDelay: 1_000,
  });
  worker.on('stalled', (jobId) => {
    log.warn({ queue: name, job: jobId }, 'a job has lost its worker: another one takes it');
    options.onStalled?.(jobId);
  });
  worker.on('error', (err) => log.warn({ err, queue: name }, 'the queue reports an error'));
  worker.on('failed', (job, err) => log.error({ err, queue: name, job: job?.id }, 'a job failed outside of its trial'));
  await worker.waitUntilReady();
  worker.run().catch((err: unknown) => log.error({ err, queue: name }, 'the consumer of a lane has ended'));
  return {
    cancel: (jobId, reason) => worker.cancelJob(jobId, reason),
    cancelAll: (reason) => worker.cancelAllJobs(reason),
    setConcurrency: (concurrency) => {
      worker.concurrency = concurrency;
    },
    async close({ graceMs = Infinity } = {}) {
      const closed = worker.close().then(() => true as const);
      if (await within(graceMs, closed)) return;
      worker.cancelAllJobs('shutdown');
      if (await within(ABORT_WAIT_MAX_MS, closed)) return;
      log.warn({ queue: name }, 'the consumer of a lane does not close: another worker takes over what it ran');
    },
  };
}

/** Whether it comes in time. `Infinity` waits as long as it takes. */
async function within(waitMs: number, work: Promise<true>): Promise<boolean> {
  if (waitMs === Infinity) return work;
  const timer = new AbortController();
  const late = sleep(waitMs, false, { signal: timer.signal }).catch(() => false);
  return Promise.race([work, late]).finally(() => timer.abort());
}

type ProcessorOptions = { newerJobDelayMs: number; log: QueueLog; queue: string };

/** The parameters are counted by BullMQ: it makes a signal only for a function that declares exactly three. */
function makeProcessor(process: Process, { newerJobDelayMs, log, queue }: ProcessorOptions) {
  let isNewerTold = false;
  return async (job: Job<TrialJob>, token: string | undefined, signal: AbortSignal | undefined): Promise<void> => {
    const read = readTrialJob(job.data);
    if (read === 'broken') throw new UnrecoverableError('no build wrote such a job: it is dropped');
    if (read === 'newer') {
      if (!isNewerTold) log.warn({ queue, job: job.id }, 'jobs of a newer version are left to newer workers');
      isNewerTold = true;
      return leaveToNewerWorker(job, { token, newerJobDelayMs });
    }
    const { signal: aborted } = new AbortController();
    try {
      await process(read, signal ?? aborted);
    } catch (error) {
      // BullMQ would try an aborted job again like any other.
      if (signal?.aborted) throw new UnrecoverableError(`cancelled: ${String(signal.reason)}`);
      throw error;
    }
  };
}

/**
 * During a rolling deploy an old worker meets jobs of a new scheduler, and others will run them. Where the new version was taken back
 * nobody will: such a job ends here without a word, and the scheduler that leads now puts its trial on the queue again by its own version.
 */
async function leaveToNewerWorker(
  job: Job<TrialJob>,
  { token, newerJobDelayMs }: { token: string | undefined; newerJobDelayMs: number },
): Promise<void> {
  if (job.attemptsStarted >= NEWER_JOB_STARTS_MAX) return;
  await job.moveToDelayed(Date.now() + newerJobDelayMs, token);
  throw new DelayedError();
}
