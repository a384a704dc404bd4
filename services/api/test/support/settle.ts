import type { Behaviour } from '@crosscheck/contracts';
import { toTrialRequest } from '@crosscheck/experiment';
import { hashRequest } from '@crosscheck/models';
import { claimTrials, openRecorder, planTrials, type Pool, readSweep, readTrialToRun } from '@crosscheck/store';

/** Plans a sweep as the scheduler does. */
export async function plan(pool: Pool, sweepId: string): Promise<void> {
  const sweep = await readSweep(pool, null, sweepId);
  if (sweep) await planTrials(pool, { sweepId, spec: sweep.spec, blockPrompts: 8 });
}

/** Claims up to `limit` trials and settles them as a worker does, with an answer, a verdict and a call that cost something. */
export async function settle(
  pool: Pool,
  {
    sweepId,
    laneId = 'mock/m',
    limit = 100,
    outcome = 'complied',
    text = 'Sure.',
  }: { sweepId: string; laneId?: string; limit?: number; outcome?: Behaviour; text?: string },
): Promise<string[]> {
  const claims = await claimTrials(pool, { laneId, sweepId, limit });
  const recorder = openRecorder({ pool, worker: 'test' });
  await Promise.all(
    claims.map(async (claim) => {
      const [trial, sweep] = await Promise.all([
        readTrialToRun(pool, { ...claim, workerId: 'test' }),
        readSweep(pool, null, sweepId),
      ]);
      if (!trial || !sweep) throw new Error('a claimed trial is gone');
      const requestHash = hashRequest('openai', toTrialRequest({ ...trial, spec: sweep.spec }));
      await recorder.record({
        trialId: claim.id,
        epoch: claim.epoch,
        to: { state: 'settled', outcome },
        response: {
          text,
          thinking: null,
          stopReason: 'end_turn',
          refusalCategory: null,
          model: 'm',
          requestId: 'r1',
          requestHash,
          simulated: true,
          parseStatus: 'ok',
          parseFlags: [],
          marker: 'none',
          parserVersion: 'p7',
        },
        verdicts: [
          {
            ordinal: 0,
            grader: 'compliance',
            measures: 'compliance',
            label: outcome,
            score: null,
            votes: 0,
            version: 'v1',
            detail: {},
          },
        ],
        attempts: [
          {
            grader: null,
            laneId,
            startedAt: new Date(),
            latencyMs: 5,
            kind: 'ok',
            code: 'ok',
            detail: 'answered',
            httpStatus: 200,
            requestId: 'r1',
            requestHash,
            usage: { uncached: 10, cacheWrite5m: 0, cacheWrite1h: 0, cacheRead: 0, output: 3, thinking: 0 },
            costPicoUsd: 1_000_000n,
            costStatus: 'exact',
            priceTable: 'test',
          },
        ],
      });
    }),
  );
  await recorder.close();
  return claims.map(({ id }) => id);
}
