import { CrosscheckError, toJobId, type TrialJob } from '@crosscheck/contracts';
import type { LaneQueue } from './driver.ts';

/** Puts trials on the queue of one lane. */
export type Producer = {
  /**
   * Adding a trial again under the same epoch changes nothing while its job lives, and runs it again when the job is gone.
   *
   * @param options.first before everything that waits, the last of `jobs` foremost
   * @throws CrosscheckError QUEUE_UNREACHABLE; some of the jobs may have been added, and all may be added again
   */
  add: (jobs: readonly TrialJob[], options?: { first?: boolean }) => Promise<void>;
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
  const addChunk = (jobs: readonly TrialJob[], lifo: boolean) =>
    queue.addBulk(
      jobs.map((data) => ({ name: 'trial', data, opts: { ...JOB_OPTIONS, lifo, jobId: toJobId(data.t, data.e) } })),
    );
  return {
    async add(jobs, { first = false } = {}) {
      try {
        for (let from = 0; from < jobs.length; from += CHUNK_JOBS * CHUNKS_IN_FLIGHT) {
          const round = jobs.slice(from, from + CHUNK_JOBS * CHUNKS_IN_FLIGHT);
          const chunks = [round.slice(0, CHUNK_JOBS), round.slice(CHUNK_JOBS)].filter(hasAny);
          await Promise.all(chunks.map((chunk) => addChunk(chunk, first)));
        }
      } catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new CrosscheckError('QUEUE_UNREACHABLE', `the queue took no jobs: ${why}`, {}, { cause });
      }
    },
  };
}

function hasAny(jobs: readonly TrialJob[]): boolean {
  return jobs.length > 0;
}
