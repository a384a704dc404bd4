import { Calibration } from '@crosscheck/contracts';
import { countVerdictPairs, readCountedLabels, readLabelledVerdicts, readMetrics } from '@crosscheck/store';
import { Type } from 'typebox';
import type { ReadAnsweredCells } from '../answers/answered-cells.ts';
import { calibrate } from '../calibration/calibrate.ts';
import type { ApiDeps } from '../deps.ts';
import { callerOf } from '../http/auth.ts';
import { IdParams, refusals } from '../http/schemas.ts';
import type { TypedApp } from '../http/typed-app.ts';
import { requireSweep } from './sweeps.ts';

const CalibrationQuery = Type.Object(
  {
    /** labels under this codebook count; without it those of the codebook that was used last */
    codebook: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    /** the caller vouches that labels outside of a review draw are a random draw of the trials */
    randomLabels: Type.Optional(Type.Enum(['true', 'false'])),
  },
  { additionalProperties: false },
);

/** What labels say of judges. */
export function calibrationRoutes(app: TypedApp, deps: ApiDeps & { readAnsweredCells: ReadAnsweredCells }): void {
  const { pool, readAnsweredCells } = deps;
  app.get(
    '/v1/sweeps/:id/calibration',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['labels'],
        summary: 'Quality of each judge version against human labels, agreement of graders, and corrected rates',
        description:
          'Labels of all sweeps of the team count for a judge of the same version; `from` names them. A changed model, rubric or threshold is another version.',
        params: IdParams,
        querystring: CalibrationQuery,
        response: { 200: Calibration, ...refusals },
      },
    },
    async (request) => {
      const { teamId } = callerOf(request);
      const sweep = await requireSweep(deps, teamId, request.params.id);
      const { codebook, randomLabels } = request.query;
      const [labels, verdicts, pairs, metrics] = await Promise.all([
        readCountedLabels(pool, teamId),
        readLabelledVerdicts(pool, teamId),
        countVerdictPairs(pool, sweep.id),
        readMetrics(pool, sweep.id),
      ]);
      const hasLabels = labels.some((label) => label.sweep === sweep.id);
      const answered = hasLabels ? await readAnsweredCells(sweep) : [];
      return calibrate(
        { sweep, labels, verdicts, pairs, metrics, answered },
        { codebook, drawnElsewhere: randomLabels === 'true' },
      );
    },
  );
}
