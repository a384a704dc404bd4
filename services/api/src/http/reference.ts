import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance, FastifySchema } from 'fastify';
import { escapeHtml } from './escape-html.ts';
import { PLAIN_STYLE, plainPage } from './plain-page.ts';
import { ERROR_LIST } from './problems.ts';

const DESCRIPTION =
  'Does a model behave the same when it believes nobody is watching? A team submits a sweep (prompts × conditions × models × samples); ' +
  'Crosscheck runs it, grades every answer and keeps paired metrics that are valid while the sweep still runs. ' +
  'Send your key as `Authorization: Bearer <key>`. Every refusal is a problem document with a `code`: see /docs/errors.';

/** Describes the routes that are registered after it: /openapi.json for programs, /docs for people. */
export async function describeRoutes(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Crosscheck',
        version: '0.1.0',
        description: DESCRIPTION,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/' }],
      components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
      security: [{ key: [] }],
    },
    transform: ({ schema, url }) => {
      const told = tellOfStreams(schema);
      return url.startsWith('/v1/') && url.endsWith('/*') ? nameWildcard(told, url) : { schema: told, url };
    },
    transformObject: (given) =>
      needOnlyWhatMustCome('openapiObject' in given ? (given.openapiObject as Described) : {}),
  });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: true,
    uiConfig: { docExpansion: 'list', deepLinking: true },
  });
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
  app.get('/style.css', { schema: { hide: true } }, async (_request, reply) =>
    reply.header('cache-control', 'max-age=3600').type('text/css; charset=utf-8').send(PLAIN_STYLE),
  );
  app.get('/docs/errors', { schema: { hide: true } }, async (_request, reply) =>
    reply.type('text/html; charset=utf-8').send(errorsPage()),
  );
}

function errorsPage(): string {
  const rows = ERROR_LIST.map(
    ({ code, status, title }) =>
      `<tr id="${code}"><td><code>${code}</code></td><td>${status}</td><td>${escapeHtml(title)}</td></tr>`,
  );
  return plainPage({
    title: 'Errors',
    body: `<h1>Errors</h1><p>Every refusal is a problem document (RFC 9457) with one of these codes, and where it helps with
      <code>field</code>, <code>got</code>, <code>expected</code> and <code>line</code>.</p>
      <table><thead><tr><th>code</th><th>status</th><th>meaning</th></tr></thead><tbody>${rows.join('')}</tbody></table>`,
  });
}

/** A body that is read as it comes has no schema to be checked against, and is a text to readers. */
function tellOfStreams(schema: FastifySchema): FastifySchema {
  const isStream = schema?.consumes !== undefined && schema.body === undefined;
  return isStream ? { ...schema, body: { type: 'string', description: 'one JSON document a line' } } : schema;
}

type Described = {
  paths?: Record<
    string,
    Record<string, { requestBody?: { required?: boolean; content: Record<string, { schema?: MaybeNull }> } }>
  >;
};
type MaybeNull = { anyOf?: { type?: unknown }[] };

/** A body that may be null may also be left out. */
function needOnlyWhatMustCome(document: Described): Described {
  const operations = Object.values(document.paths ?? {}).flatMap((methods) => Object.values(methods));
  for (const { requestBody: body } of operations) {
    if (body?.content['application/json']?.schema?.anyOf?.some(({ type }) => type === 'null')) body.required = false;
  }
  return document;
}

/** A path parameter that may hold slashes is a wildcard to the router, and `model` to readers. */
function nameWildcard(schema: FastifySchema, url: string): { schema: FastifySchema; url: string } {
  const params = schema.params as { properties: Record<string, unknown>; required: string[] };
  const { '*': model, ...properties } = params.properties;
  const required = params.required.map((name) => (name === '*' ? 'model' : name));
  return {
    schema: { ...schema, params: { ...params, properties: { ...properties, model }, required } },
    url: url.replace('*', '{model}'),
  };
}
