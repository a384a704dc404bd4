import { CrosscheckError, OUTCOMES, TRIAL_STATES, TrialPlaces, TrialRow } from '@crosscheck/contracts';
import { findPlaces, type PlacesFilter, readPromptOrdinal, readTrialRows, type SweepRow } from '@crosscheck/store';
import { type Static, Type } from 'typebox';
import type { ApiDeps } from '../deps.ts';
import { callerOf } from '../http/auth.ts';
import { fromCursor, toCursor } from '../http/cursor.ts';
import { IdParams, refusals } from '../http/schemas.ts';
import { makeSharedReads } from '../http/shared-reads.ts';
import type { TypedApp } from '../http/typed-app.ts';
import { toTrialRow } from '../status/trial-row.ts';
import { requireSweep } from './sweeps.ts';

const tags = ['trials'];
const closed = { additionalProperties: false };
/** How long one answer looks for trials before it says what it found so far. */
const LOOK_MS = 1_000;
/** Readers that step through the same list, and pages that follow it, share one look. */
const SHARED_MS = 2_000;
const ROWS_MAX = 200;

const name = Type.Optional(Type.String({ minLength: 1, maxLength: 300 }));
const PlacesQuery = Type.Object(
  {
    outcome: Type.Optional(Type.Enum([...OUTCOMES])),
    state: Type.Optional(Type.Enum([...TRIAL_STATES])),
    condition: name,
    model: name,
    prompt: name,
    sample: Type.Optional(Type.Integer({ minimum: 0, maximum: 32_767 })),
    /** what graders say: this grader where one is named, else any of them */
    label: name,
    grader: name,
    /** looked for in answers and private reasoning, case aside */
    text: name,
    /** `next` of the answer before */
    after: Type.Optional(Type.String({ maxLength: 500 })),
  },
  closed,
);
const RowsQuery = Type.Object(
  {
    ids: Type.String({ pattern: `^\\d{1,18}(,\\d{1,18}){0,${ROWS_MAX - 1}}$`, description: 'a comma between' }),
    /** what the excerpt is to show, where the answer holds it */
    text: name,
  },
  closed,
);

/** A list of trials that a reader goes through at will: first which trials there are, then rows of any part of it. */
export function trialListRoutes(app: TypedApp, deps: ApiDeps): void {
  const { pool, clock } = deps;
  const share = makeSharedReads<TrialPlaces>({ clock, ttlMs: SHARED_MS });

  app.get(
    '/v1/sweeps/:id/trial-places',
    {
      config: { scope: 'read' },
      schema: {
        tags,
        summary: 'Which trials fit, in their planned order: ids alone, to go to any row of a long list at once',
        description:
          'Takes about a second at most: where texts are searched, `next` goes on behind what was looked at. May be two seconds old. ' +
          'Rows are had from `/v1/sweeps/{id}/trial-rows`.',
        params: IdParams,
        querystring: PlacesQuery,
        response: { 200: TrialPlaces, ...refusals },
      },
    },
    async (request) => {
      const sweep = await requireSweep(deps, callerOf(request).teamId, request.params.id);
      const { after, ...query } = request.query;
      const [from] = fromCursor(after, 'number') ?? [0];
      const filter = await toFilter(sweep, query);
      return share(JSON.stringify([filter, from]), async () => {
        const found = await findPlaces(pool, filter, { from, budgetMs: LOOK_MS });
        return { ...found, next: found.until < found.end ? toCursor(found.until) : null };
      });
    },
  );

  app.get(
    '/v1/sweeps/:id/trial-rows',
    {
      config: { scope: 'read' },
      schema: {
        tags,
        summary: 'Trials by id, each with some of its answer',
        params: IdParams,
        querystring: RowsQuery,
        response: { 200: Type.Object({ items: Type.Array(TrialRow) }), ...refusals },
      },
    },
    async (request) => {
      const sweep = await requireSweep(deps, callerOf(request).teamId, request.params.id);
      const { ids, text } = request.query;
      const rows = await readTrialRows(pool, { sweepId: sweep.id, ids: ids.split(','), text });
      return { items: rows.map((row) => toTrialRow(row, sweep)) };
    },
  );

  async function toFilter(sweep: SweepRow, query: Omit<Static<typeof PlacesQuery>, 'after'>): Promise<PlacesFilter> {
    const { model, condition, prompt, grader, label, ...rest } = query;
    const { models, conditions, graders } = sweep.spec;
    if (grader !== undefined && label === undefined) {
      throw new CrosscheckError('QUERY_INVALID', 'grader filters by what it says: name a label too', {
        field: 'label',
        expected: 'grader=…&label=…',
      });
    }
    const verdict = label === undefined ? undefined : { label, grader: ordinalOf('grader', grader, idsOf(graders)) };
    return {
      sweepId: sweep.id,
      ...rest,
      model: ordinalOf('model', model, models),
      condition: ordinalOf('condition', condition, idsOf(conditions)),
      prompt: prompt === undefined ? undefined : await promptOrdinal(sweep, prompt),
      verdict,
    };
  }

  async function promptOrdinal({ datasetId }: SweepRow, prompt: string): Promise<number> {
    const ordinal = datasetId === null ? null : await readPromptOrdinal(pool, datasetId, prompt);
    if (ordinal !== null) return ordinal;
    throw new CrosscheckError('QUERY_INVALID', `the sweep has no prompt "${prompt}"`, { field: 'prompt', got: prompt });
  }
}

const idsOf = (named: readonly { id: string }[]): string[] => named.map(({ id }) => id);

/** @throws CrosscheckError QUERY_INVALID for a name that the sweep does not have */
function ordinalOf(field: string, wanted: string | undefined, known: readonly string[]): number | undefined {
  if (wanted === undefined) return undefined;
  const ordinal = known.indexOf(wanted);
  if (ordinal >= 0) return ordinal;
  throw new CrosscheckError('QUERY_INVALID', `the sweep has no ${field} "${wanted}"`, {
    field,
    got: wanted,
    expected: known.join(', '),
  });
}
