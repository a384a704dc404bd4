import { Metrics } from '@crosscheck/contracts';
import { readMetrics } from '@crosscheck/store';
import type { ApiDeps } from '../deps.ts';
import { callerOf } from '../http/auth.ts';
import { IdParams, refusals } from '../http/schemas.ts';
import type { TypedApp } from '../http/typed-app.ts';
import { toIso } from '../status/sweep-view.ts';
import { requireSweep } from './sweeps.ts';

/** The numbers: each with n, interval and what is missing, also while the sweep runs. */
export function metricsRoutes(app: TypedApp, deps: ApiDeps): void {
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
      const { id, state, planned, provenance } = await requireSweep(deps, callerOf(request).teamId, request.params.id);
      const { cells, contrasts, summary, series, stops, settled, computedAt } = await readMetrics(deps.pool, id);
      return {
        sweep: id,
        state,
        settled,
        planned,
        computedAt: toIso(computedAt),
        provenance,
        cells,
        contrasts,
        summary,
        stops,
        series,
      };
    },
  );
}
