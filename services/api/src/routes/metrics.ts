import { isFinished, Metrics } from '@crosscheck/contracts';
import { readMetrics } from '@crosscheck/store';
import type { CorrectMetrics } from '../calibration/correct-metrics.ts';
import type { ApiDeps } from '../deps.ts';
import { callerOf } from '../http/auth.ts';
import { makeJoinedReads } from '../http/joined-reads.ts';
import { IdParams, refusals } from '../http/schemas.ts';
import type { TypedApp } from '../http/typed-app.ts';
import { toIso } from '../status/sweep-view.ts';
import { requireSweep } from './sweeps.ts';

/** The numbers: each with n, interval and what is missing, also while the sweep runs. */
export function metricsRoutes(app: TypedApp, deps: ApiDeps, correct: CorrectMetrics): void {
  const join = makeJoinedReads<Metrics>();

  app.get(
    '/v1/sweeps/:id/metrics',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['sweeps'],
        summary: 'Cells and contrasts as last computed',
        params: IdParams,
        response: { 200: Metrics, ...refusals },
      },
    },
    async (request) => {
      const { teamId } = callerOf(request);
      return join(`${teamId} ${request.params.id}`, () => readNumbers(teamId, request.params.id));
    },
  );

  async function readNumbers(teamId: string, sweepId: string): Promise<Metrics> {
    const sweep = await requireSweep(deps, teamId, sweepId);
    const { id, state, isFolded, planned, provenance } = sweep;
    const metrics = await readMetrics(deps.pool, id);
    const { cells, contrasts } = await correct(sweep, metrics);
    const { summary, series, stops, settled, computedAt } = metrics;
    return {
      sweep: id,
      state,
      settled,
      planned,
      computedAt: toIso(computedAt),
      final: isFinished(state) && isFolded,
      provenance,
      cells,
      contrasts,
      summary,
      stops,
      series,
    };
  }
}
