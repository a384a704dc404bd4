import { BLOCK_PROMPTS } from '@crosscheck/experiment';
import type { Logger } from '@crosscheck/runtime';
import { listPlanning, moveSweep, type Pool, planTrials } from '@crosscheck/store';

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
    return sweeps.length;
  };
}

/** SQLSTATE classes 22 and 23: the data is wrong, and will be at the next try. */
function isOfTheData(error: unknown): boolean {
  return /^2[23]/.test((error as { code?: string }).code ?? '');
}
