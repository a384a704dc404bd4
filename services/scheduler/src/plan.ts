import { BLOCK_PROMPTS } from '@crosscheck/experiment';
import type { Logger } from '@crosscheck/runtime';
import { listOpenExtensions, listPlanning, moveSweep, planExtension, type Pool, planTrials } from '@crosscheck/store';

/** Trials of an extension that are planned in one go, about half a second's work: nobody waits long for its sweep meanwhile. */
const EXTENSION_TRIALS = 20_000;

/**
 * Expands every sweep that waits for it. One that cannot be planned fails with its reason and leaves no trial; a database that is away
 * is another matter and comes out as an error.
 */
export function makePlan({ pool, log }: { pool: Pool; log: Logger }): () => Promise<number> {
  return async function plan() {
    const sweeps = await listPlanning(pool);
    for (const sweep of sweeps) {
      try {
        const planned = await planTrials(pool, { sweepId: sweep.id, spec: sweep.spec, blockPrompts: BLOCK_PROMPTS });
        log.info({ sweep: sweep.id, planned }, 'planned');
      } catch (error) {
        if (!isOfTheData(error)) throw error;
        log.error({ sweep: sweep.id, err: error }, 'a sweep cannot be planned');
        await moveSweep(pool, {
          id: sweep.id,
          teamId: null,
          to: 'failed',
          reason: `planning failed: ${(error as Error).message}`,
        });
      }
    }
    return sweeps.length + (await extend());
  };

  /** The next part of every extension; the rest comes in the following rounds. */
  async function extend(): Promise<number> {
    let planned = 0;
    for (const extension of await listOpenExtensions(pool)) {
      const trials = await planExtension(pool, {
        ...extension,
        blockPrompts: BLOCK_PROMPTS,
        trials: EXTENSION_TRIALS,
      });
      log.info({ sweep: extension.sweepId, extension: extension.ordinal, trials }, 'planned a part of an extension');
      planned += trials;
    }
    return planned;
  }
}

/** SQLSTATE classes 22 and 23: the data is wrong, and will be at the next try. */
function isOfTheData(error: unknown): boolean {
  return /^2[23]/.test((error as { code?: string }).code ?? '');
}
