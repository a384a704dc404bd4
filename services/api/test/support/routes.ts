import type { FastifyInstance } from 'fastify';

type OpenApi = { paths: Record<string, Record<string, { security?: unknown[] }>> };

/** Every route of the API as `METHOD /path/{id}`, from its own description; hidden ones serve the console and hold nothing of a team. */
export async function listRoutes(app: FastifyInstance): Promise<string[]> {
  const { paths } = (await app.inject({ url: '/openapi.json' })).json<OpenApi>();
  return Object.entries(paths)
    .flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`))
    .toSorted();
}
