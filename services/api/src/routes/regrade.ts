import { CrosscheckError, Grader, type ResolvedSweep, SWEEP_STATES } from '@crosscheck/contracts';
import { fingerprintSweep } from '@crosscheck/experiment';
import {
  ensureLane,
  listProviders,
  measurePrompts,
  readDataset,
  readSweep,
  readVerdictVersions,
  regradeSweep,
  type SweepRow,
  hasPurgedTranscripts,
} from '@crosscheck/store';
import { Type } from 'typebox';
import { planRegrade } from '../calibration/plan-regrade.ts';
import type { ApiDeps } from '../deps.ts';
import { callerOf } from '../http/auth.ts';
import { IdParams, refusals } from '../http/schemas.ts';
import type { TypedApp } from '../http/typed-app.ts';
import { judgingReserveOf } from '../submit/quote.ts';
import { makeResolveModels, type ResolvedModel } from '../submit/resolve-models.ts';
import { requireSweep } from './sweeps.ts';

const LIST_TIMEOUT_MS = 1_500;
const RegradeBody = Type.Object(
  {
    /** takes the place of the sweep's grader of the same id, or is added */
    graders: Type.Optional(Type.Array(Grader, { minItems: 1, maxItems: 20 })),
    /** of the graders sent, only these are taken */
    only: Type.Optional(Type.Array(Type.String({ maxLength: 200 }), { minItems: 1, maxItems: 20 })),
  },
  { additionalProperties: false },
);
const Regraded = Type.Object({
  id: Type.String(),
  state: Type.Enum([...SWEEP_STATES]),
  /** trials that are graded anew */
  trials: Type.Integer(),
  /** graders whose verdicts are asked anew */
  graders: Type.Array(Type.String()),
});

/** Other judges for answers that are there already. */
export function regradeRoutes(app: TypedApp, deps: ApiDeps): void {
  const { pool, clock, modelListTimeoutMs: listTimeoutMs = LIST_TIMEOUT_MS } = deps;
  const resolveModels = makeResolveModels({
    listProviders: () => listProviders(pool),
    listTimeoutMs,
    env: process.env,
  });

  app.post(
    '/v1/sweeps/:id/regrade',
    {
      config: { scope: 'submit', audit: 'sweep' },
      schema: {
        tags: ['sweeps'],
        summary: 'Grade the answers of a finished sweep anew with changed or added graders',
        description:
          'The subject is not asked, unless a cell was stopped early by its rules and the new graders leave it undecided: its other trials run then. Verdicts of unchanged versions stand, replaced ones stay in the history. The same request again changes nothing; while the sweep runs another one is refused.',
        params: IdParams,
        body: RegradeBody,
        response: { 200: Regraded, ...refusals },
      },
    },
    async (request) => {
      const { teamId } = callerOf(request);
      const sweep = await requireRun(await requireSweep(deps, teamId, request.params.id));
      if (await hasPurgedTranscripts(pool, sweep.id)) throw withoutTexts();
      const plan = planRegrade(sweep.spec.graders, request.body, await readVerdictVersions(pool, sweep.id));
      const trials = plan.anew.length === 0 ? 0 : await start(sweep, plan);
      const { id, state } = (await readSweep(pool, teamId, sweep.id)) ?? sweep;
      return { id, state, trials, graders: plan.anew.map((one) => one.id) };
    },
  );

  async function start(sweep: SweepRow, { graders, anew }: ReturnType<typeof planRegrade>): Promise<number> {
    const spec: ResolvedSweep = { ...sweep.spec, graders };
    // Only judges are called: a subject that its provider has retired since is no reason to refuse.
    const models = await resolveModels({ ...spec, models: [] });
    for (const { lane } of models.values()) await ensureLane(pool, lane);
    const dataset = await readDataset(pool, sweep.teamId, sweep.datasetId ?? '');
    const judgingBefore = await judgingReserve(sweep, sweep.spec, await resolveEarlier(sweep));
    return regradeSweep(pool, {
      sweepId: sweep.id,
      specHashBefore: sweep.specHash,
      spec,
      specHash: fingerprintSweep(spec, dataset?.version ?? ''),
      judges: graders.flatMap((grader, ordinal) =>
        grader.kind === 'judge'
          ? [{ grader: ordinal, laneId: (models.get(grader.model) as ResolvedModel).lane.id }]
          : [],
      ),
      anew,
      judgingPicoUsd: { before: judgingBefore, after: await judgingReserve(sweep, spec, models) },
    });
  }

  /** Judges that their provider has retired since have no price any more: what they took is then still set aside. */
  async function resolveEarlier({ spec }: SweepRow): Promise<ReadonlyMap<string, ResolvedModel>> {
    try {
      return await resolveModels({ ...spec, models: [] });
    } catch (error) {
      if (error instanceof CrosscheckError) return new Map();
      throw error;
    }
  }

  async function judgingReserve(
    { datasetId }: SweepRow,
    spec: ResolvedSweep,
    models: ReadonlyMap<string, ResolvedModel>,
  ): Promise<bigint> {
    const sizes = { prompts: 1, ...(await measurePrompts(pool, datasetId ?? '')) };
    return judgingReserveOf({ sweep: spec, models, sizes, at: new Date(clock.nowMs()) });
  }
}

async function requireRun(sweep: SweepRow): Promise<SweepRow> {
  if (sweep.provenance !== 'imported') return sweep;
  throw new CrosscheckError('STATE_CONFLICT', 'the sweep was imported: it has no requests that a judge could read', {
    field: 'provenance',
    got: sweep.provenance,
  });
}

function withoutTexts(): CrosscheckError {
  return new CrosscheckError(
    'STATE_CONFLICT',
    'transcripts of the sweep were purged: a grader would have nothing to read',
    {
      field: 'transcripts',
    },
  );
}
