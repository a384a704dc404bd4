import { CrosscheckError, Matrix } from '@crosscheck/contracts';
import { OUTCOME_CODES, readMatrixColumns, readPromptMarks, type SweepRow } from '@crosscheck/store';
import { Type } from 'typebox';
import type { ApiDeps } from '../deps.ts';
import { callerOf } from '../http/auth.ts';
import { IdParams, refusals } from '../http/schemas.ts';
import { makeSharedReads } from '../http/shared-reads.ts';
import type { TypedApp } from '../http/typed-app.ts';
import { requireSweep } from './sweeps.ts';

/** Every trial of a sweep is read for it: pages that follow a running sweep share one reading. */
const SHARED_MS = 2_000;
const MatrixQuery = Type.Object(
  { grader: Type.Optional(Type.String({ minLength: 1, maxLength: 300 })) },
  { additionalProperties: false },
);

/** The whole sweep at a glance: prompts × conditions. */
export function matrixRoutes(app: TypedApp, deps: ApiDeps): void {
  const { pool, clock } = deps;
  const share = makeSharedReads<Matrix>({ clock, ttlMs: SHARED_MS });

  app.get(
    '/v1/sweeps/:id/matrix',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['sweeps'],
        summary: 'What a grader says of every trial, by prompt and condition, a letter a trial',
        description: 'Of the first grader of compliance unless `grader` names another. May be two seconds old.',
        params: IdParams,
        querystring: MatrixQuery,
        response: { 200: Matrix, ...refusals },
      },
    },
    async (request) => {
      const sweep = await requireSweep(deps, callerOf(request).teamId, request.params.id);
      const grader = findGrader(sweep, request.query.grader);
      return share(`${sweep.id} ${grader}`, () => readMatrix(sweep, grader));
    },
  );

  async function readMatrix({ id, spec, datasetId }: SweepRow, ordinal: number): Promise<Matrix> {
    const { measures = 'compliance' } = spec.graders[ordinal] ?? {};
    const [cells, marks] = await Promise.all([
      readMatrixColumns(pool, id, { grader: ordinal, measures }),
      datasetId === null ? [] : readPromptMarks(pool, datasetId),
    ]);
    return {
      grader: spec.graders[ordinal]?.id ?? '',
      measures,
      graders: spec.graders.map((grader) => grader.id),
      columns: cells.map(({ model, condition }) => ({
        model: spec.models[model] ?? '',
        condition: spec.conditions[condition]?.id ?? '',
      })),
      prompts: marks.map((mark) => mark.id),
      cells: cells.map(({ prompts }) => prompts.join(',')),
      legend: OUTCOME_CODES,
    };
  }
}

/** @returns its ordinal @throws CrosscheckError QUERY_INVALID */
function findGrader({ spec }: SweepRow, wanted: string | undefined): number {
  const ordinal =
    wanted === undefined
      ? Math.max(
          0,
          spec.graders.findIndex(({ measures = 'compliance' }) => measures === 'compliance'),
        )
      : spec.graders.findIndex(({ id }) => id === wanted);
  if (ordinal >= 0) return ordinal;
  throw new CrosscheckError('QUERY_INVALID', `the sweep has no grader "${wanted}"`, {
    field: 'grader',
    got: wanted,
    expected: spec.graders.map(({ id }) => id).join(', '),
  });
}
