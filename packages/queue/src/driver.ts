import type { TrialJob } from '@crosscheck/contracts';
import type { BulkJobOptions, JobType, Processor, Worker, WorkerOptions } from 'bullmq';

/** What we use of a BullMQ queue, the same on both backends. */
export type LaneQueue = {
  addBulk: (jobs: { name: string; data: TrialJob; opts: BulkJobOptions }[]) => Promise<unknown>;
  getJobCounts: (...states: JobType[]) => Promise<Record<string, number>>;
  isPaused: () => Promise<boolean>;
  pause: () => Promise<void>;
  resume: () => Promise<void>;
  close: () => Promise<void>;
  on: (event: 'error', listener: (err: Error) => void) => unknown;
};

/** What we use of a BullMQ worker, the same on both backends. */
export type LaneWorker = Pick<
  Worker<TrialJob>,
  'run' | 'waitUntilReady' | 'cancelJob' | 'cancelAllJobs' | 'concurrency' | 'close'
> & {
  on: ((event: 'error', listener: (err: Error) => void) => unknown) &
    ((event: 'failed', listener: (job: { id?: string | undefined } | undefined, err: Error) => void) => unknown) &
    ((event: 'stalled', listener: (jobId: string) => void) => unknown);
};

export type LaneWorkerOptions = Omit<WorkerOptions, 'connection' | 'prefix'>;

/** Where the queues live: the one thing that differs between Redis and Postgres. */
export type Driver = {
  kind: 'redis' | 'postgres';
  openQueue: (name: string, options: { readOnly: boolean }) => LaneQueue;
  openWorker: (name: string, process: Processor<TrialJob>, options: LaneWorkerOptions) => LaneWorker;
  /** @throws when the server does not answer */
  ping: () => Promise<void>;
  /** what the server does when its memory is full, in Redis' words; null where nothing is ever dropped */
  evictionPolicy: () => Promise<string | null>;
  /** after every queue and worker is closed */
  close: () => Promise<void>;
};

/** A logger as pino's: the queue says what breaks, and does not choose who writes it down. */
export type QueueLog = {
  warn: (fields: object, message: string) => void;
  error: (fields: object, message: string) => void;
};

/** Completed and failed jobs are not kept, so the stream of events is the only thing that could grow. */
export const EVENTS_MAX = 1_000;
