import { CrosscheckError, OUTCOMES, PageOf, TRIAL_STATES, TranscriptView, TrialView } from '@crosscheck/contracts';
import {
  listProviders,
  listTrials,
  readSweep,
  readTranscript,
  readVerdictHistory,
  type SweepRow,
  type TrialSummary,
} from '@crosscheck/store';
import { type Static, Type } from 'typebox';
import type { ApiDeps } from '../deps.ts';
import { callerOf } from '../http/auth.ts';
import { fromCursor, toCursor } from '../http/cursor.ts';
import { IdParams, LIMIT_DEFAULT, pageQuery, refusals } from '../http/schemas.ts';
import type { TypedApp } from '../http/typed-app.ts';
import { toTranscriptView } from '../status/transcript-view.ts';
import { toIso } from '../status/sweep-view.ts';
import { requireSweep } from './sweeps.ts';

const tags = ['trials'];
const name = Type.Optional(Type.String({ minLength: 1, maxLength: 300 }));
const TrialsQuery = Type.Object(
  {
    ...pageQuery,
    outcome: Type.Optional(Type.Enum([...OUTCOMES])),
    state: Type.Optional(Type.Enum([...TRIAL_STATES])),
    condition: name,
    model: name,
    prompt: name,
    /** with `label`: what this grader says */
    grader: name,
    label: name,
    /** looked for in the answers, case aside */
    text: name,
  },
  { additionalProperties: false },
);

const TranscriptQuery = Type.Object(
  {
    /** with what earlier versions of graders said */
    history: Type.Optional(Type.Enum(['true', 'false'])),
  },
  { additionalProperties: false },
);

/** Trials: pages with filters, and the whole transcript of one. */
export function trialRoutes(app: TypedApp, deps: ApiDeps): void {
  const { pool } = deps;

  app.get(
    '/v1/sweeps/:id/trials',
    {
      config: { scope: 'read' },
      schema: {
        tags,
        summary: 'Trials in their planned order',
        params: IdParams,
        querystring: TrialsQuery,
        response: { 200: PageOf(TrialView), ...refusals },
      },
    },
    async (request) => {
      const sweep = await requireSweep(deps, callerOf(request).teamId, request.params.id);
      const { after, limit = LIMIT_DEFAULT, ...filter } = request.query;
      requireGraderForLabel(sweep, filter);
      const key = fromCursor(after, 'number', 'number');
      const rows = await listTrials(pool, {
        ...filter,
        sweepId: sweep.id,
        limit,
        after: key ? { position: key[0], model: key[1] } : undefined,
      });
      const last = rows.length < limit ? undefined : rows.at(-1);
      return {
        items: rows.map((row) => toTrialView(row, sweep.id)),
        next: last ? toCursor(last.position, last.modelOrdinal) : null,
      };
    },
  );

  app.get(
    '/v1/trials/:id',
    {
      config: { scope: 'read' },
      schema: {
        tags,
        summary: 'One trial: the request, the answer as it was read, verdicts, every attempt',
        description:
          '`request` is rendered again from the sweep; `requestVerified` says whether its hash is the hash of what was sent.',
        params: IdParams,
        querystring: TranscriptQuery,
        response: { 200: TranscriptView, ...refusals },
      },
    },
    async (request) => {
      const { teamId } = callerOf(request);
      const { id } = request.params;
      const transcript = isTrialId(id) ? await readTranscript(pool, teamId, id) : null;
      const sweep = transcript && (await readSweep(pool, teamId, transcript.sweepId));
      if (!transcript || !sweep) throw new CrosscheckError('TRIAL_UNKNOWN', `there is no trial ${id}`, { got: id });
      const view = toTranscriptView(transcript, sweep, await listProviders(pool));
      if (request.query.history !== 'true') return view;
      const history = await readVerdictHistory(pool, id);
      return { ...view, history: history.map((one) => ({ ...one, replacedAt: one.replacedAt.toISOString() })) };
    },
  );
}

/** A whole number that fits a bigint. */
const isTrialId = (id: string): boolean => /^\d{1,18}$/.test(id);

function requireGraderForLabel({ spec }: SweepRow, { grader, label }: { grader?: string; label?: string }): void {
  if (grader === undefined) return;
  const known = spec.graders.map(({ id }) => id);
  if (label !== undefined && known.includes(grader)) return;
  const [field, detail] =
    label === undefined
      ? ['label', 'grader filters by what it says: name a label too']
      : ['grader', `the sweep has no grader "${grader}"`];
  throw new CrosscheckError('QUERY_INVALID', detail, {
    field,
    got: label ?? grader,
    expected: label === undefined ? 'grader=…&label=…' : known.join(', '),
  });
}

function toTrialView({ settledAt, ...row }: TrialSummary, sweep: string): Static<typeof TrialView> {
  const { id, position, model, condition, prompt, sample, state, outcome, verdicts } = row;
  return {
    id,
    sweep,
    position,
    model,
    condition,
    prompt,
    sample,
    state: state as Static<typeof TrialView>['state'],
    outcome: outcome as Static<typeof TrialView>['outcome'],
    settledAt: toIso(settledAt),
    verdicts,
  };
}
