import { Comparison, SweepDiff } from '@crosscheck/contracts';
import { readEarlyStops } from '@crosscheck/store';
import { Type } from 'typebox';
import type { ReadAnsweredCells } from '../answers/answered-cells.ts';
import { type Answered, compareSweeps } from '../comparison/compare-sweeps.ts';
import { diffSweeps } from '../comparison/diff-sweeps.ts';
import { readSide } from '../comparison/side.ts';
import type { ApiDeps } from '../deps.ts';
import { callerOf } from '../http/auth.ts';
import { refusals } from '../http/schemas.ts';
import type { TypedApp } from '../http/typed-app.ts';
import { requireSweep } from './sweeps.ts';

const Two = Type.Object(
  { a: Type.String({ maxLength: 64 }), b: Type.String({ maxLength: 64 }) },
  { additionalProperties: false },
);

/** Two sweeps, held against each other. */
export function comparisonRoutes(app: TypedApp, deps: ApiDeps & { readAnsweredCells: ReadAnsweredCells }): void {
  const { pool, readAnsweredCells } = deps;

  async function readAnswered(teamId: string, id: string): Promise<Answered> {
    const sweep = await requireSweep(deps, teamId, id);
    const [side, cells, stops] = await Promise.all([
      readSide(pool, sweep),
      readAnsweredCells(sweep),
      readEarlyStops(pool, sweep.id),
    ]);
    return { ...side, cells, stops };
  }

  app.get(
    '/v1/compare',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['comparison'],
        summary: 'Two sweeps condition by condition: a − b for every model and grader that both have',
        description:
          'Paired over the prompts that both sweeps have by id and text; unpaired where they share fewer than half. Simulated and real answers are not compared.',
        querystring: Two,
        response: { 200: Comparison, ...refusals },
      },
    },
    async (request) => {
      const { teamId } = callerOf(request);
      const { a, b } = request.query;
      return compareSweeps(await readAnswered(teamId, a), await readAnswered(teamId, b));
    },
  );

  app.get(
    '/v1/diff',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['comparison'],
        summary: 'What differs between two sweeps, byte by byte; nothing where they are the same experiment',
        querystring: Two,
        response: { 200: SweepDiff, ...refusals },
      },
    },
    async (request) => {
      const { teamId } = callerOf(request);
      const [a, b] = await Promise.all([
        requireSweep(deps, teamId, request.query.a),
        requireSweep(deps, teamId, request.query.b),
      ]);
      return diffSweeps(await readSide(pool, a), await readSide(pool, b));
    },
  );
}
