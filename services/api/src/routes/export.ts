import { Readable } from 'node:stream';
import { type ExportRow, streamExport } from '@crosscheck/store';
import { Type } from 'typebox';
import type { ApiDeps } from '../deps.ts';
import { toParquet } from '../export/parquet.ts';
import { toCsv, toNdjson } from '../export/text.ts';
import { callerOf } from '../http/auth.ts';
import { IdParams, refusals, textOf } from '../http/schemas.ts';
import type { TypedApp } from '../http/typed-app.ts';
import { requireSweep } from './sweeps.ts';

type Format = { type: string; write: (rows: AsyncGenerator<ExportRow>, graders: string[]) => Readable };

const FORMATS = {
  ndjson: { type: 'application/x-ndjson', write: (rows) => Readable.from(toNdjson(rows)) },
  csv: { type: 'text/csv; charset=utf-8', write: toCsv },
  parquet: {
    type: 'application/vnd.apache.parquet',
    write: (rows, graders) => Readable.from(toParquet(rows, graders)),
  },
} satisfies Record<string, Format>;
const FORMAT_NAMES = Object.keys(FORMATS) as (keyof typeof FORMATS)[];

const ExportQuery = Type.Object(
  { format: Type.Optional(Type.Enum([...FORMAT_NAMES])) },
  { additionalProperties: false },
);

/** Every trial of a sweep with its answer and verdicts, streamed: the size of the sweep does not matter. */
export function exportRoutes(app: TypedApp, deps: ApiDeps): void {
  app.get(
    '/v1/sweeps/:id/export',
    {
      exposeHeadRoute: false,
      config: { scope: 'read' },
      schema: {
        tags: ['sweeps'],
        summary: 'All trials in their planned order, as NDJSON (default), CSV or Parquet',
        params: IdParams,
        querystring: ExportQuery,
        response: {
          200: textOf('The trials', ...Object.values(FORMATS).map(({ type }) => type.split(';')[0] ?? '')),
          ...refusals,
        },
      },
    },
    async (request, reply) => {
      const sweep = await requireSweep(deps, callerOf(request).teamId, request.params.id);
      const { format = 'ndjson' } = request.query;
      const { type, write } = FORMATS[format];
      const graders = sweep.spec.graders.map(({ id }) => id);
      return reply
        .header('content-disposition', `attachment; filename="${sweep.id}.${format}"`)
        .type(type)
        .send(write(streamExport(deps.pool, sweep.id), graders));
    },
  );
}
