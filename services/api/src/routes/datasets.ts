import type { Readable } from 'node:stream';
import { CrosscheckError, Dataset, PageOf, Prompt } from '@crosscheck/contracts';
import { type DatasetRow, isId, listDatasets, readDataset, readPrompts, writeDataset } from '@crosscheck/store';
import { Type } from 'typebox';
import type { ApiDeps } from '../deps.ts';
import { callerOf } from '../http/auth.ts';
import { fromCursor, toCursor } from '../http/cursor.ts';
import { makeLineReader, readLines } from '../http/ndjson.ts';
import { IdParams, LIMIT_DEFAULT, optionalId, pageQuery, PageQuery, refusals } from '../http/schemas.ts';
import type { TypedApp } from '../http/typed-app.ts';
import type { UploadPlaces } from '../http/upload-places.ts';

const tags = ['datasets'];
const UploadQuery = Type.Object(
  { name: Type.String({ minLength: 1, maxLength: 200, pattern: '^(?!(inline|extended): ).*\\S' }) },
  { additionalProperties: false },
);
const readPrompt = makeLineReader(Prompt, 'DATASET_LINE_INVALID');
/** 20 GB: the body is never held, so this only ends a stream that has no end. */
const BODY_BYTES_MAX = 20_000_000_000;

/** Datasets: prompts, versioned by their content. */
export function datasetRoutes(app: TypedApp, { pool, uploads }: ApiDeps & { uploads: UploadPlaces }): void {
  void app.register(async (scope: TypedApp) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('application/x-ndjson', { bodyLimit: BODY_BYTES_MAX }, (_request, body, done) =>
      done(null, body),
    );
    scope.post(
      '/v1/datasets',
      {
        config: { scope: 'submit', audit: 'dataset' },
        bodyLimit: BODY_BYTES_MAX,
        schema: {
          tags,
          summary: 'Upload prompts, one JSON document a line, of any number',
          description:
            'The same prompts under the same name are the dataset that is there already. A bad line is refused with its number, and nothing stays.',
          consumes: ['application/x-ndjson'],
          querystring: UploadQuery,
          response: { 201: Dataset, ...refusals },
        },
      },
      async (request, reply) => {
        const { teamId } = callerOf(request);
        const dataset = await uploads.run(teamId, () => {
          const prompts = readUpload(request.body as Readable | undefined);
          return writeDataset(pool, { teamId, name: request.query.name, prompts });
        });
        return reply.code(201).header('location', `/v1/datasets/${dataset.id}`).send(toView(dataset));
      },
    );
  });

  app.get(
    '/v1/datasets',
    {
      config: { scope: 'read' },
      schema: {
        tags,
        summary: "List the team's datasets, newest first",
        querystring: PageQuery,
        response: { 200: PageOf(Dataset), ...refusals },
      },
    },
    async (request) => {
      const { after, limit = LIMIT_DEFAULT } = request.query;
      const [last] = fromCursor(after, 'string') ?? [];
      const rows = await listDatasets(pool, callerOf(request).teamId, {
        after: optionalId(last, 'QUERY_INVALID', 'cursor'),
        limit,
      });
      return { items: rows.map(toView), next: rows.length < limit ? null : toCursor(rows.at(-1)?.id ?? '') };
    },
  );

  app.get(
    '/v1/datasets/:id',
    {
      config: { scope: 'read' },
      schema: { tags, summary: 'One dataset', params: IdParams, response: { 200: Dataset, ...refusals } },
    },
    async (request) => toView(await requireDataset(callerOf(request).teamId, request.params.id)),
  );

  app.get(
    '/v1/datasets/:id/prompts',
    {
      config: { scope: 'read' },
      schema: {
        tags,
        summary: 'Prompts in their order',
        params: IdParams,
        querystring: Type.Object(pageQuery, { additionalProperties: false }),
        response: { 200: PageOf(Prompt), ...refusals },
      },
    },
    async (request) => {
      const { id } = await requireDataset(callerOf(request).teamId, request.params.id);
      const { after, limit = LIMIT_DEFAULT } = request.query;
      const [from] = fromCursor(after, 'number') ?? [0];
      const items = await readPrompts(pool, id, { from, limit });
      return { items, next: items.length < limit ? null : toCursor(from + limit) };
    },
  );

  async function requireDataset(teamId: string, id: string): Promise<DatasetRow> {
    const dataset = isId(id) ? await readDataset(pool, teamId, id) : null;
    if (dataset) return dataset;
    throw new CrosscheckError('DATASET_UNKNOWN', `there is no dataset ${id}`, { got: id });
  }
}

async function* readUpload(body: Readable | undefined): AsyncGenerator<Prompt> {
  if (body === undefined) return;
  for await (const line of readLines(body, 'DATASET_LINE_INVALID')) yield readPrompt(line);
}

function toView({ id, name, version, prompts, createdAt }: DatasetRow) {
  return { id, name, version, prompts, createdAt: createdAt.toISOString() };
}
