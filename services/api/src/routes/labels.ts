import { CrosscheckError, LabelsKept, LabelView, MEASURES, NewLabel } from '@crosscheck/contracts';
import { deleteLabel, type IncomingLabel, keepLabels, listLabels } from '@crosscheck/store';
import { type Static, Type } from 'typebox';
import type { ApiDeps } from '../deps.ts';
import { callerOf } from '../http/auth.ts';
import { IdParams, refusals, requireId } from '../http/schemas.ts';
import type { TypedApp } from '../http/typed-app.ts';
import { findBadLine, readUtf8 } from '../http/utf8.ts';
import { readLabelsCsv, toLabelsCsv } from '../labels/csv.ts';
import { toIncoming } from '../labels/incoming.ts';
import { toIso } from '../status/sweep-view.ts';
import { requireSweep } from './sweeps.ts';

const tags = ['labels'];
const closed = { additionalProperties: false };
const LABELS_MAX = 10_000;
const CSV_BYTES_MAX = 32 * 1024 * 1024;
const CSV = 'text/csv';

const LabelsBody = Type.Union([NewLabel, Type.Array(NewLabel, { minItems: 1, maxItems: LABELS_MAX })]);
const LabelsQuery = Type.Object(
  {
    format: Type.Optional(Type.Enum(['json', 'csv'])),
    measure: Type.Optional(Type.Enum([...MEASURES])),
    /** labels of this trial alone */
    trial: Type.Optional(Type.String({ pattern: '^\\d{1,18}$' })),
  },
  closed,
);
const Labels = Type.Object({ items: Type.Array(LabelView) });

/** Human labels of trials: sent one by one or as a file, read back, taken back. */
export function labelRoutes(app: TypedApp, deps: ApiDeps): void {
  const { pool } = deps;

  void app.register(async (scope: TypedApp) => {
    scope.addContentTypeParser(CSV, { parseAs: 'buffer', bodyLimit: CSV_BYTES_MAX }, (_request, body, done) => {
      const text = readUtf8(body as Buffer);
      return text === null ? done(notUtf8(body as Buffer)) : done(null, text);
    });
    scope.post(
      '/v1/sweeps/:id/labels',
      {
        config: { scope: 'submit', audit: 'sweep' },
        bodyLimit: CSV_BYTES_MAX,
        schema: {
          tags,
          summary: 'Label trials: one label, a list of them, or a CSV file; all are kept or none',
          description:
            'As `text/csv` the columns are trial, measure, label, labeller and, where wanted, codebook, blind, note, at. A bad line is refused with its number, and nothing stays. ' +
            'Compliance is complied, partial, refused or undecided; af_reasoning is af, af_partial, not_af or artifact.',
          params: IdParams,
          body: { content: { 'application/json': { schema: LabelsBody }, [CSV]: { schema: Type.String() } } },
          response: { 201: LabelsKept, ...refusals },
        },
      },
      async (request, reply) => {
        const { teamId, keyId } = callerOf(request);
        const { id: sweepId } = await requireSweep(deps, teamId, (request.params as { id: string }).id);
        const labels = readBody(request.body as Static<typeof LabelsBody> | string);
        return reply.code(201).send(await keepLabels(pool, { sweepId, keyId, labels }));
      },
    );
  });

  app.get(
    '/v1/sweeps/:id/labels',
    {
      config: { scope: 'read' },
      schema: {
        tags,
        summary: 'All labels of a sweep, as JSON or as CSV that can be sent back',
        params: IdParams,
        querystring: LabelsQuery,
        response: {
          200: {
            description: 'The labels',
            content: { 'application/json': { schema: Labels }, [CSV]: { schema: Type.String() } },
          },
          ...refusals,
        },
      },
    },
    async (request, reply) => {
      const { id } = await requireSweep(deps, callerOf(request).teamId, request.params.id);
      const { format = 'json', measure, trial } = request.query;
      const items = (await listLabels(pool, id, { measure, trial })).map(({ at, ...label }) => ({
        ...label,
        at: toIso(at) as string,
      }));
      if (format === 'json') return { items };
      return reply
        .header('content-disposition', `attachment; filename="${id}-labels.csv"`)
        .type(`${CSV}; charset=utf-8`)
        .send(toLabelsCsv(items));
    },
  );

  app.delete(
    '/v1/labels/:id',
    {
      config: { scope: 'submit', audit: 'label' },
      schema: {
        tags,
        summary: 'Take back a label that this API key sent; an admin key takes back any of its team',
        params: IdParams,
        response: { 204: Type.Null(), ...refusals },
      },
    },
    async (request, reply) => {
      const { teamId, keyId, scopes } = callerOf(request);
      const id = requireId(request.params.id, 'LABEL_UNKNOWN', 'label');
      await deleteLabel(pool, { id, teamId, keyId: scopes.includes('admin') ? null : keyId });
      return reply.code(204).send(null);
    },
  );
}

function readBody(body: Static<typeof LabelsBody> | string): IncomingLabel[] {
  if (typeof body === 'string') return readLabelsCsv(body, LABELS_MAX);
  const labels = [body].flat();
  if (labels.length === 0) throw new CrosscheckError('LABEL_INVALID', 'there is no label in the body');
  return labels.map((label, index) => toIncoming(label, { field: Array.isArray(body) ? `[${index}]` : 'label' }));
}

/** A spreadsheet that writes CSV in an encoding of its own would change the names of labellers. */
function notUtf8(bytes: Buffer): CrosscheckError {
  const line = findBadLine(bytes);
  return new CrosscheckError('LABEL_INVALID', `line ${line} is not UTF-8`, { line, expected: 'CSV in UTF-8' });
}
