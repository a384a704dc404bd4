import { CrosscheckError, OUTCOMES, SWEEP_STATES } from '@crosscheck/contracts';
import { moveSweep, retryTrials, setBudget, type SweepRow } from '@crosscheck/store';
import { type Static, Type } from 'typebox';
import type { ApiDeps } from '../deps.ts';
import { callerOf } from '../http/auth.ts';
import { IdParams, refusals } from '../http/schemas.ts';
import type { TypedApp } from '../http/typed-app.ts';
import { toPicoUsd } from '../submit/quote.ts';
import { requireSweep } from './sweeps.ts';

const tags = ['sweeps'];
const closed = { additionalProperties: false };
const Reason = Type.Union([
  Type.Object({ reason: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })) }, closed),
  Type.Null(),
]);
const RetryBody = Type.Union([
  Type.Object(
    { outcomes: Type.Optional(Type.Array(Type.Enum([...OUTCOMES]), { minItems: 1, uniqueItems: true })) },
    closed,
  ),
  Type.Null(),
]);
const BudgetBody = Type.Object({ usd: Type.Number({ exclusiveMinimum: 0, maximum: 1e7 }) }, closed);
const Moved = Type.Object({
  id: Type.String(),
  state: Type.Enum([...SWEEP_STATES]),
  stateReason: Type.Union([Type.String(), Type.Null()]),
});
const Retried = Type.Interface([Moved], { trials: Type.Integer() });

/** What was lost on the way, and says nothing about the model. */
const RETRIED_DEFAULT = ['infra_failed', 'judge_failed'] as const;
const ACTS = [
  {
    act: 'pause',
    to: 'paused',
    summary: 'Stop handing out trials and end calls in flight; their trials run again after a resume',
  },
  { act: 'resume', to: 'running', summary: 'Go on where it was paused' },
  { act: 'cancel', to: 'cancelled', summary: 'Settle as cancelled whatever has not settled yet' },
] as const;

/** Acts on a sweep. Each may be repeated: the second time it changes nothing. */
export function sweepActionRoutes(app: TypedApp, { pool }: ApiDeps): void {
  for (const { act, to, summary } of ACTS) {
    app.post(
      `/v1/sweeps/:id/${act}`,
      {
        config: { scope: 'submit', audit: 'sweep' },
        schema: { tags, summary, params: IdParams, body: Reason, response: { 200: Moved, ...refusals } },
      },
      async (request) => {
        const { teamId, teamName } = callerOf(request);
        const { id } = await requireSweep({ pool }, teamId, request.params.id);
        const reason = to === 'running' ? null : sentence(act, teamName, request.body);
        return toMoved(await moveSweep(pool, { id, teamId, to, reason }));
      },
    );
  }

  app.put(
    '/v1/sweeps/:id/budget',
    {
      config: { scope: 'submit', audit: 'sweep' },
      schema: {
        tags,
        summary: 'Set the budget anew; a sweep that stopped at its budget goes on',
        params: IdParams,
        body: BudgetBody,
        response: { 200: Moved, ...refusals },
      },
    },
    async (request) => {
      const { teamId } = callerOf(request);
      const { id } = await requireSweep({ pool }, teamId, request.params.id);
      return toMoved(await setBudget(pool, { id, teamId, budgetPicoUsd: toPicoUsd(request.body.usd) }));
    },
  );

  app.post(
    '/v1/sweeps/:id/retry',
    {
      config: { scope: 'submit', audit: 'sweep' },
      schema: {
        tags,
        summary: `Run trials again whose outcome is one of the given; without a body: ${RETRIED_DEFAULT.join(', ')}`,
        params: IdParams,
        body: RetryBody,
        response: { 200: Retried, ...refusals },
      },
    },
    async (request) => {
      const { teamId } = callerOf(request);
      const { id, provenance } = await requireSweep({ pool }, teamId, request.params.id);
      if (provenance === 'imported')
        throw new CrosscheckError('STATE_CONFLICT', 'the sweep was imported: there is nothing to run again', {
          field: 'provenance',
          got: provenance,
        });
      const trials = await retryTrials(pool, { id, teamId, outcomes: request.body?.outcomes ?? [...RETRIED_DEFAULT] });
      return { ...toMoved(await requireSweep({ pool }, teamId, id)), trials };
    },
  );
}

function sentence(act: string, team: string, body: Static<typeof Reason>): string {
  return `${act === 'pause' ? 'paused' : 'cancelled'} by team ${team}${body?.reason === undefined ? '' : `: ${body.reason}`}`;
}

const toMoved = ({ id, state, stateReason }: SweepRow): Static<typeof Moved> => ({ id, state, stateReason });
