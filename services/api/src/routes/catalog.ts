import { CrosscheckError } from '@crosscheck/contracts';
import { modelCatalog, priceOf } from '@crosscheck/models';
import { Type } from 'typebox';
import type { ApiDeps } from '../deps.ts';
import { refusals } from '../http/schemas.ts';
import type { TypedApp } from '../http/typed-app.ts';

const tags = ['catalogue'];
const Rates = Type.Record(Type.String(), Type.Number());
const Models = Type.Object({
  table: Type.String(),
  asOf: Type.String(),
  items: Type.Array(
    Type.Object({
      id: Type.String(),
      aliases: Type.Array(Type.String()),
      status: Type.String(),
      contextTokens: Type.Union([Type.Integer(), Type.Null()]),
      maxOutputTokens: Type.Union([Type.Integer(), Type.Null()]),
      pool: Type.Union([Type.String(), Type.Null()]),
      /** in force today, for short prompts; null where no price is known */
      usdPerMillionTokens: Type.Union([Rates, Type.Null()]),
    }),
  ),
});
const StudyView = Type.Object({
  id: Type.String(),
  title: Type.String(),
  description: Type.String(),
  optionsSchema: Type.Unknown(),
});

/** What is known before anything runs: models with prices, studies with their options. */
export function catalogRoutes(app: TypedApp, { studies, clock }: ApiDeps): void {
  app.get(
    '/v1/models',
    {
      config: { scope: 'read' },
      schema: {
        tags,
        summary: 'The model catalogue: a planning table, not a live view',
        response: { 200: Models, ...refusals },
      },
    },
    async () => ({
      table: modelCatalog.tableVersion,
      asOf: modelCatalog.asOf,
      items: modelCatalog.models.map(({ id, aliases, status, contextTokens, maxOutputTokens, pool }) => ({
        id,
        aliases,
        status,
        contextTokens,
        maxOutputTokens,
        pool,
        usdPerMillionTokens: toUsd(priceOf(id, new Date(clock.nowMs()))),
      })),
    }),
  );

  app.get(
    '/v1/studies',
    {
      config: { scope: 'read' },
      schema: {
        tags,
        summary: 'Studies that a sweep can name',
        response: { 200: Type.Object({ items: Type.Array(StudyView) }), ...refusals },
      },
    },
    async () => ({
      items: studies.map(({ id, title, description, optionsSchema }) => ({ id, title, description, optionsSchema })),
    }),
  );

  app.get(
    '/v1/studies/:id',
    {
      config: { scope: 'read' },
      schema: {
        tags,
        summary: 'One study',
        params: Type.Object({ id: Type.String() }),
        response: { 200: StudyView, ...refusals },
      },
    },
    async ({ params }) => {
      const study = studies.find(({ id }) => id === params.id);
      if (!study)
        throw new CrosscheckError('STUDY_MISSING', `there is no study ${params.id}`, {
          got: params.id,
          expected: studies.map(({ id }) => id).join(', '),
        });
      const { id, title, description, optionsSchema } = study;
      return { id, title, description, optionsSchema };
    },
  );
}

/** One USD per million tokens is 1,000,000 pico-USD per token. */
function toUsd(rates: Record<string, bigint> | null): Record<string, number> | null {
  return rates && Object.fromEntries(Object.entries(rates).map(([name, pico]) => [name, Number(pico) / 1e6]));
}
