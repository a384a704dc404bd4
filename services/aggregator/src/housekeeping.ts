import type { Clock } from '@crosscheck/contracts';
import type { Logger } from '@crosscheck/runtime';
import {
  deleteOutdated,
  listDueTranscripts,
  type Place,
  type Pool,
  purgeTranscripts,
  removeDeleted,
} from '@crosscheck/store';

export type HousekeepingDeps = { pool: Pool; clock: Clock; log: Logger };

/** Trials of one transaction: a quarter of a second's work, so that metrics of running sweeps do not wait for it. */
const BATCH_TRIALS = 1_000;
/** Beyond the deadline of any call and what a worker waits for Postgres. */
const QUIET_MS = 900_000;
const LOOK_EVERY_MS = 5_000;
const OUTDATED_EVERY_MS = 3_600_000;

/**
 * Makes the leader's housekeeping: removes deleted sweeps, purges transcripts whose time is over, drops what is outdated. Each call does one
 * batch of each at most and comes back to it at the next; a leader that is gone in between leaves nothing that the next would miss.
 */
export function makeHousekeeping({ pool, clock, log }: HousekeepingDeps): () => Promise<void> {
  let nextLookMs = 0;
  let nextOutdatedMs = 0;
  let purging: { sweepId: string; after: Place | undefined } | null = null;

  async function purge(): Promise<boolean> {
    if (purging === null) {
      const [due] = await listDueTranscripts(pool, { at: new Date(clock.nowMs()), limit: 1 });
      if (!due) return false;
      log.info({ sweep: due.sweepId, days: due.days }, 'purging the transcripts of a sweep');
      purging = { sweepId: due.sweepId, after: undefined };
    }
    const { sweepId }: { sweepId: string } = purging;
    const after = await purgeTranscripts(pool, { ...purging, trials: BATCH_TRIALS });
    purging = after === null ? null : { sweepId, after };
    return true;
  }

  return async function keepHouse() {
    const nowMs = clock.nowMs();
    if (nowMs < nextLookMs) return;
    const isBusy = [
      (await removeDeleted(pool, { trials: BATCH_TRIALS, quietMs: QUIET_MS })) > 0,
      await purge(),
    ].includes(true);
    if (!isBusy) nextLookMs = nowMs + LOOK_EVERY_MS;
    if (nowMs < nextOutdatedMs) return;
    nextOutdatedMs = nowMs + OUTDATED_EVERY_MS;
    const outdated = await deleteOutdated(pool);
    if (outdated > 0) log.info({ outdated }, 'deleted outdated keys and events');
  };
}
