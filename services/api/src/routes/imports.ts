import { Readable } from 'node:stream';
import { BEHAVIOURS, Contrast, CrosscheckError, Id, ModelLabels, type ResolvedSweep } from '@crosscheck/contracts';
import { fingerprintOf, resolveModelLabels, resolveSweep } from '@crosscheck/experiment';
import { type ImportedTrial, importSweep } from '@crosscheck/store';
import { type Static, Type } from 'typebox';
import type { ApiDeps } from '../deps.ts';
import { callerOf } from '../http/auth.ts';
import { type Line, makeLineReader, readLineBatches } from '../http/ndjson.ts';
import { refusals } from '../http/schemas.ts';
import type { TypedApp } from '../http/typed-app.ts';
import type { UploadPlaces } from '../http/upload-places.ts';
import { toConditions } from '../submit/accept-sweep.ts';

const closed = { additionalProperties: false };
const BODY_BYTES_MAX = 20_000_000_000;
const SAMPLE_MAX = 32_767;
const CODE = 'IMPORT_LINE_INVALID';

const Header = Type.Object(
  {
    type: Type.Literal('sweep'),
    name: Type.String({ minLength: 1, maxLength: 200 }),
    conditions: Type.Array(
      Type.Object(
        { id: Id, labels: Type.Optional(Type.Record(Type.String(), Type.String({ maxLength: 200 }))) },
        closed,
      ),
      { minItems: 1, maxItems: 100 },
    ),
    models: Type.Array(Type.String({ minLength: 1, maxLength: 300 }), { minItems: 1, maxItems: 100 }),
    /** models that are checkpoints, by family and step */
    modelLabels: Type.Optional(ModelLabels),
    contrasts: Type.Optional(Type.Array(Contrast, { maxItems: 200 })),
    labels: Type.Optional(Type.Record(Type.String({ maxLength: 64 }), Type.String({ maxLength: 200 }))),
  },
  closed,
);
const Trial = Type.Object(
  {
    type: Type.Literal('trial'),
    prompt: Type.String({ minLength: 1, maxLength: 200 }),
    condition: Type.String(),
    model: Type.String(),
    sample: Type.Optional(Type.Integer({ minimum: 0, maximum: SAMPLE_MAX, default: 0 })),
    outcome: Type.Enum([...BEHAVIOURS]),
    afReasoning: Type.Optional(Type.Boolean()),
    response: Type.Optional(Type.String()),
  },
  closed,
);
const readHeader = makeLineReader(Header, CODE);
const readTrial = makeLineReader(Trial, CODE);
const Imported = Type.Object({
  id: Type.String(),
  state: Type.String(),
  trials: Type.Integer(),
  prompts: Type.Integer(),
});

/** Labelled trials from elsewhere become a sweep with metrics, as if it had run here. */
export function importRoutes(app: TypedApp, { pool, uploads }: ApiDeps & { uploads: UploadPlaces }): void {
  void app.register(async (scope: TypedApp) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('application/x-ndjson', { bodyLimit: BODY_BYTES_MAX }, (_request, body, done) =>
      done(null, body),
    );
    scope.post(
      '/v1/imports',
      {
        config: { scope: 'submit', audit: 'sweep' },
        bodyLimit: BODY_BYTES_MAX,
        schema: {
          tags: ['sweeps'],
          summary: 'Import labelled trials as a finished sweep with metrics',
          description:
            'The first line is `{"type":"sweep","name",…,"conditions":[{"id"}],"models":[…],"contrasts":[…]}`, with `modelLabels` where models are checkpoints; every other one `{"type":"trial","prompt","condition","model","sample","outcome"}` ' +
            'with outcome complied, refused, partial or undecided, and optionally `afReasoning` and `response`. A bad line is refused with its number, and nothing stays.',
          consumes: ['application/x-ndjson'],
          response: { 201: Imported, ...refusals },
        },
      },
      async (request, reply) => {
        const { teamId } = callerOf(request);
        const made = await uploads.run(teamId, () =>
          keep(teamId, readLineBatches((request.body ?? Readable.from([])) as Readable, CODE)),
        );
        return reply
          .code(201)
          .header('location', `/v1/sweeps/${made.id}`)
          .send({ ...made, state: 'running' });
      },
    );
  });

  async function keep(teamId: string, batches: AsyncGenerator<Line[]>): ReturnType<typeof importSweep> {
    try {
      const { header, first } = await nextHeader(batches);
      const sweep = toSweep(header);
      return await importSweep(pool, {
        teamId,
        specHash: fingerprintOf({ import: header }),
        conditions: toConditions(sweep),
        toSpec: ({ hasAfReasoning }) => (hasAfReasoning ? sweep : { ...sweep, graders: sweep.graders.slice(0, 1) }),
        trials: toTrials(first, batches, sweep),
      });
    } finally {
      // Also when the first line is refused: see readLineBatches.
      await batches.return(undefined);
    }
  }
}

/** The first line, and the lines that came with it. */
async function nextHeader(batches: AsyncGenerator<Line[]>): Promise<{ header: Static<typeof Header>; first: Line[] }> {
  const batch = await batches.next();
  const [line, ...first] = batch.done ? [] : batch.value;
  if (line) return { header: readHeader(line), first };
  throw new CrosscheckError(CODE, 'the import is empty', { line: 1, expected: '{"type":"sweep","name":"…", …}' });
}

/**
 * The sweep that an import describes, with the checks of any other. Its models need no provider, for nothing is called; its graders say
 * that a label stands as it was given.
 */
function toSweep({ type: _type, models, modelLabels, ...header }: Static<typeof Header>): ResolvedSweep {
  try {
    const {
      prompts: _prompts,
      warnings: _warnings,
      ...sweep
    } = resolveSweep(
      {
        ...header,
        models: models.map((model) => `imported/${model}`),
        dataset: { name: 'imported' },
        graders: GRADERS,
      },
      { findStudy: () => null },
    );
    return { ...sweep, models, ...(modelLabels && { modelLabels: resolveModelLabels(modelLabels, models) }) };
  } catch (error) {
    if (!(error instanceof CrosscheckError)) throw error;
    throw new CrosscheckError(CODE, `line 1: ${error.message}`, { ...error.hint, line: 1 });
  }
}

const GRADERS: ResolvedSweep['graders'] = [
  {
    id: 'compliance',
    kind: 'choice',
    measures: 'compliance',
    choices: Object.fromEntries(BEHAVIOURS.map((label) => [label, label])),
  },
  { id: 'af-reasoning', kind: 'choice', measures: 'af_reasoning', choices: { yes: 'yes' }, else: 'no' },
];

async function* toTrials(
  first: Line[],
  batches: AsyncGenerator<Line[]>,
  { conditions, models }: ResolvedSweep,
): AsyncGenerator<ImportedTrial[]> {
  const conditionOf = new Map(conditions.map(({ id }, ordinal) => [id, ordinal]));
  const modelOf = new Map(models.map((model, ordinal) => [model, ordinal]));
  const toTrial = (line: Line): ImportedTrial => {
    const { prompt, condition, model, sample = 0, outcome, afReasoning = null, response = null } = readTrial(line);
    return {
      line: line.number,
      prompt,
      condition: ordinalOf(conditionOf, 'condition', condition, line.number),
      model: ordinalOf(modelOf, 'model', model, line.number),
      sample,
      outcome,
      afReasoning,
      response,
    };
  };
  yield first.map(toTrial);
  for await (const batch of batches) yield batch.map(toTrial);
}

function ordinalOf(
  known: ReadonlyMap<string, number>,
  field: 'condition' | 'model',
  got: string,
  line: number,
): number {
  const ordinal = known.get(got);
  if (ordinal !== undefined) return ordinal;
  throw new CrosscheckError(CODE, `line ${line}: the first line names no ${field} "${got}"`, {
    line,
    field,
    got,
    expected: [...known.keys()].join(', '),
  });
}
