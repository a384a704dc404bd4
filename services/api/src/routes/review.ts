import {
  CrosscheckError,
  LabelsKept,
  type Measure,
  MEASURES,
  Review,
  type ReviewItem,
  ReviewLabel,
} from '@crosscheck/contracts';
import { parseResponse } from '@crosscheck/experiment';
import { drawReview, keepLabels, readReviewItem, type ReviewRow, type SweepRow } from '@crosscheck/store';
import { Type } from 'typebox';
import type { ApiDeps } from '../deps.ts';
import { auditKeptRead } from '../http/audit.ts';
import { callerOf } from '../http/auth.ts';
import { IdParams, refusals, requireId } from '../http/schemas.ts';
import type { TypedApp } from '../http/typed-app.ts';
import { toIncoming } from '../labels/incoming.ts';
import { requireSweep } from './sweeps.ts';

const tags = ['labels'];
const UNITS_DEFAULT = 50;
const CODEBOOK_DEFAULT = '1';
const ReviewQuery = Type.Object(
  {
    measure: Type.Enum([...MEASURES]),
    /** prompt samples, each with its answers under all conditions */
    n: Type.Optional(Type.Integer({ minimum: 1, maximum: 2_000, default: UNITS_DEFAULT })),
    seed: Type.Optional(Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1, default: 0 })),
    /** whose labels to tell, so that a labeller goes on where they stopped */
    labeller: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    codebook: Type.Optional(Type.String({ minLength: 1, maxLength: 200, default: CODEBOOK_DEFAULT })),
  },
  { additionalProperties: false },
);

/** Answers for people to label, drawn at random and shown blind. */
export function reviewRoutes(app: TypedApp, deps: ApiDeps): void {
  const { pool } = deps;

  app.get(
    '/v1/sweeps/:id/review',
    {
      // A draw is kept, so that its weights are known when its labels come.
      config: { scope: 'submit' },
      schema: {
        tags,
        summary: 'A stratified random draw of answers to label, blind; the same numbers give the same draw',
        params: IdParams,
        querystring: ReviewQuery,
        response: { 200: Review, ...refusals },
      },
    },
    async (request) => {
      const sweep = await requireSweep(deps, callerOf(request).teamId, request.params.id);
      const { measure, n: units = UNITS_DEFAULT, seed = 0, labeller, codebook = CODEBOOK_DEFAULT } = request.query;
      const reader = labeller === undefined ? null : { labeller, codebook };
      const draw = { measure, units, seed };
      const rows = await drawReview(
        pool,
        { sweepId: sweep.id, ...draw },
        { reader, onDrawn: (db) => auditKeptRead(db, request, { kind: 'sweep', id: sweep.id, after: draw }) },
      );
      return { sweep: sweep.id, measure, units, seed, items: rows.map((row) => toItem(row, sweep, measure)) };
    },
  );

  app.post(
    '/v1/review-items/:id/label',
    {
      config: { scope: 'submit', audit: 'review_item' },
      schema: {
        tags,
        summary: 'Label an item of a review',
        params: IdParams,
        body: ReviewLabel,
        response: { 201: LabelsKept, ...refusals },
      },
    },
    async (request, reply) => {
      const { teamId, keyId } = callerOf(request);
      const id = requireId(request.params.id, 'REVIEW_ITEM_UNKNOWN', 'review item');
      const item = await readReviewItem(pool, { id, teamId });
      if (!item) throw new CrosscheckError('REVIEW_ITEM_UNKNOWN', `there is no review item ${id}`, { got: id });
      const { trial, sweepId, measure } = item;
      const label = toIncoming({ ...request.body, trial, measure, blind: true }, { field: 'label' });
      return reply.code(201).send(await keepLabels(pool, { sweepId, keyId, labels: [label] }));
    },
  );
}

function toItem(row: ReviewRow, { spec }: SweepRow, measure: Measure): ReviewItem {
  const { id, unit, place, request, labelled, own, text, stopReason } = row;
  const expects = spec.conditions[row.condition]?.expects ?? {};
  const { visible, scratchpad } = parseResponse({ text, stopReason, expects });
  return {
    id,
    unit,
    place,
    request,
    answer: visible,
    scratchpad: measure === 'af_reasoning' ? scratchpad : null,
    labelled,
    own,
  };
}
