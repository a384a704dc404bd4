import { CrosscheckError, PowerPlan, PowerRequest } from '@crosscheck/contracts';
import { readCellCounts } from '@crosscheck/store';
import type { ReadAnsweredCells } from '../answers/answered-cells.ts';
import type { ApiDeps } from '../deps.ts';
import { callerOf } from '../http/auth.ts';
import { refusals } from '../http/schemas.ts';
import type { TypedApp } from '../http/typed-app.ts';
import { type Pilot, readPilot } from '../planning/pilot.ts';
import { planPower } from '../planning/plan-power.ts';
import { requireSweep } from './sweeps.ts';

/** How large a sweep has to be. */
export function powerRoutes(app: TypedApp, deps: ApiDeps & { readAnsweredCells: ReadAnsweredCells }): void {
  const { pool, readAnsweredCells } = deps;

  async function findPilot(teamId: string, request: PowerRequest): Promise<Pilot | null> {
    const { pilot, components } = request;
    if (pilot === undefined) return null;
    if (components !== undefined) {
      throw new CrosscheckError('BODY_INVALID', 'variances come from a pilot or are given, not both', {
        field: 'components',
        expected: 'either pilot or components',
      });
    }
    const sweep = await requireSweep(deps, teamId, pilot);
    const [cells, counts] = await Promise.all([readAnsweredCells(sweep), readCellCounts(pool, sweep.id)]);
    return readPilot({ sweep, choice: request, cells, counts });
  }

  app.post(
    '/v1/power',
    {
      config: { scope: 'read', audit: false },
      schema: {
        tags: ['planning'],
        summary: 'How many prompts and samples find a gap, from the variances of a pilot',
        description:
          'Variance of a gap = (ω² + σ²t/K + σ²c/K) / prompts (Miller 2024, arXiv 2411.00640). Without a pilot and without variances of your own, typical ones are used and `source` says so.',
        body: PowerRequest,
        response: { 200: PowerPlan, ...refusals },
      },
    },
    async (request) => planPower(request.body, await findPilot(callerOf(request).teamId, request.body)),
  );
}
