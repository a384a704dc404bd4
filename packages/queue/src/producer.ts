import { CrosscheckError, toJobId, type TrialJob } from '@crosscheck/contracts';
import type { LaneQueue } from './driver.ts';

/** Puts trials on the queue of one lane. */
export type Producer = {
  /**
   * Adding a trial again under the same epoch changes nothing while its job lives, and runs it again when the job is gone.
   *
   * @param options.first before everything that waits, the last of `jobs` foremost
   * @param options.traceparents by the id of the trial: the span below which it is to run
   * @throws CrosscheckError QUEUE_UNREACHABLE; some of the jobs may have been added, and all may be added again
   */
  add: (
    jobs: readonly TrialJob[],
    options?: { first?: boolean; traceparents?: ReadonlyMap<string, string> },
  ) => Promise<void>;
};

/** 500 to 1,000 is the fastest; 5,000 at once hold Redis up for 85 ms. */
const CHUNK_JOBS = 500;
/** Building a chunk and waiting for one overlap. */
const CHUNKS_IN_FLIGHT = 2;

const JOB_OPTIONS = {
  // A job that is kept would swallow a re-add of its id; what failed is kept in Postgres.
  removeOnComplete: true,
  removeOnFail: true,
  // Retries of a trial are decided by us. The second attempt is for a worker that broke before it could record anything.
  attempts: 2,
  backoff: { type: 'fixed', delay: 1_000 },
};

export function makeProducer(queue: LaneQueue): Producer {
  return {
    async add(jobs, { first = false, traceparents } = {}) {
      const addChunk = (chunk: readonly TrialJob[]) =>
        queue.addBulk(chunk.map((data) => toBullJob(data, { lifo: first, traceparent: traceparents?.get(data.t) })));
      try {
        for (let from = 0; from < jobs.length; from += CHUNK_JOBS * CHUNKS_IN_FLIGHT) {
          const round = jobs.slice(from, from + CHUNK_JOBS * CHUNKS_IN_FLIGHT);
          const chunks = [round.slice(0, CHUNK_JOBS), round.slice(CHUNK_JOBS)].filter(hasAny);
          await Promise.all(chunks.map(addChunk));
        }
      } catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new CrosscheckError('QUEUE_UNREACHABLE', `the queue took no jobs: ${why}`, {}, { cause });
      }
    },
  };
}

/** The trace travels in BullMQ's own field, in its own words: its consumers look there. */
function toBullJob(data: TrialJob, { lifo, traceparent }: { lifo: boolean; traceparent: string | undefined }) {
  const telemetry = traceparent === undefined ? {} : { telemetry: { metadata: JSON.stringify({ traceparent }) } };
  return { name: 'trial', data, opts: { ...JOB_OPTIONS, ...telemetry, lifo, jobId: toJobId(data.t, data.e) } };
}

function hasAny(jobs: readonly TrialJob[]): boolean {
  return jobs.length > 0;
}
