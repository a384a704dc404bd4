import type { FastifyInstance } from 'fastify';

/** What the reference says of routes: as much of OpenAPI as is needed to ask them and to check their answers. */
export type Schema = { readonly [keyword: string]: unknown };
export type Parameter = { name: string; in: 'path' | 'query' | 'header'; required?: boolean; schema: Schema };
type Content = Record<string, { schema?: Schema }>;
export type Operation = {
  /** `GET /v1/sweeps/{id}` */
  route: string;
  method: string;
  path: string;
  /** all that its path knows */
  methods: string[];
  parameters: Parameter[];
  body: Content | null;
  responses: Record<string, { content?: Content }>;
};

type Document = {
  paths: Record<
    string,
    Record<string, { parameters?: Parameter[]; requestBody?: { content: Content }; responses: Operation['responses'] }>
  >;
};

/** Every operation of the served /openapi.json. */
export async function readReference(app: FastifyInstance): Promise<Operation[]> {
  const { paths } = (await app.inject({ url: '/openapi.json' })).json<Document>();
  return Object.entries(paths).flatMap(([path, operations]) => {
    const methods = Object.keys(operations).map((name) => name.toUpperCase());
    return Object.entries(operations).map(([name, { parameters = [], requestBody, responses }]) => {
      const method = name.toUpperCase();
      const body = requestBody?.content ?? null;
      return { route: `${method} ${path}`, method, path, methods, parameters, body, responses };
    });
  });
}

/** What the reference says of answers with this status; undefined when it says nothing. */
export function responseFor({ responses }: Operation, status: number): { content?: Content } | undefined {
  return responses[String(status)] ?? responses[`${Math.floor(status / 100)}XX`];
}
