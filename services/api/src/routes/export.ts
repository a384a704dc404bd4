import { Readable } from 'node:stream';
import { type ExportRow, streamExport } from '@crosscheck/store';
import { stringify } from 'csv-stringify';
import { Type } from 'typebox';
import type { ApiDeps } from '../deps.ts';
import { callerOf } from '../http/auth.ts';
import { IdParams } from '../http/schemas.ts';
import type { TypedApp } from '../http/typed-app.ts';
import { requireSweep } from './sweeps.ts';

const CHUNK_CHARACTERS = 65_536;
const ExportQuery = Type.Object(
  { format: Type.Optional(Type.Enum(['ndjson', 'csv'])) },
  { additionalProperties: false },
);

/** Every trial of a sweep with its answer and verdicts, streamed: the size of the sweep does not matter. */
export function exportRoutes(app: TypedApp, deps: ApiDeps): void {
  app.get(
    '/v1/sweeps/:id/export',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['sweeps'],
        summary: 'All trials in their planned order, as NDJSON (default) or CSV',
        params: IdParams,
        querystring: ExportQuery,
        produces: ['application/x-ndjson', 'text/csv'],
      },
    },
    async (request, reply) => {
      const sweep = await requireSweep(deps, callerOf(request).teamId, request.params.id);
      const { format = 'ndjson' } = request.query;
      const rows = streamExport(deps.pool, sweep.id);
      const body =
        format === 'csv'
          ? toCsv(
              rows,
              sweep.spec.graders.map(({ id }) => id),
            )
          : Readable.from(toNdjson(rows));
      return reply
        .header('content-disposition', `attachment; filename="${sweep.id}.${format}"`)
        .type(format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson')
        .send(body);
    },
  );
}

async function* toNdjson(rows: AsyncGenerator<ExportRow>): AsyncGenerator<string> {
  let chunk = '';
  for await (const row of rows) {
    chunk += `${JSON.stringify(row)}\n`;
    if (chunk.length < CHUNK_CHARACTERS) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}

/** One column for each grader. A cell that a spreadsheet would run as a formula is quoted: answers are not ours to trust. */
function toCsv(rows: AsyncGenerator<ExportRow>, graders: string[]): Readable {
  const columns = [...CSV_COLUMNS, ...graders.map((grader) => `verdict_${grader}`)];
  const csv = stringify({
    header: true,
    columns,
    escape_formulas: true,
    cast: { date: (date) => date.toISOString(), boolean: String },
  });
  const source = Readable.from(toCells(rows, graders));
  // A reader who leaves closes the way back to Postgres with it.
  csv.on('close', () => source.destroy());
  source.on('error', (error) => csv.destroy(error));
  return source.pipe(csv);
}

const CSV_COLUMNS = [
  'trial',
  'position',
  'model',
  'condition',
  'prompt',
  'sample',
  'state',
  'outcome',
  'settled_at',
  'response',
  'stop_reason',
  'refusal_category',
  'parse_status',
  'answered_by',
  'request_id',
  'request_hash',
  'simulated',
  'attempts',
  'cost_pico_usd',
] as const satisfies (keyof ExportRow)[];

async function* toCells(rows: AsyncGenerator<ExportRow>, graders: string[]): AsyncGenerator<unknown[]> {
  for await (const row of rows) {
    yield [
      ...CSV_COLUMNS.map((column) => row[column]),
      ...graders.map((grader) => row.verdicts[grader]?.label ?? null),
    ];
  }
}
