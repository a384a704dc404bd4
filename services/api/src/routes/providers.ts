import { CrosscheckError, Id, ProviderSpec } from '@crosscheck/contracts';
import { makeAddressGuard } from '@crosscheck/models';
import { listProviders, putProvider, readProvider } from '@crosscheck/store';
import { Type } from 'typebox';
import type { ApiDeps } from '../deps.ts';
import { refusals } from '../http/schemas.ts';
import type { TypedApp } from '../http/typed-app.ts';

const tags = ['providers and lanes'];
const Params = Type.Object({ id: Id }, { additionalProperties: false });
const ProviderView = Type.Interface([ProviderSpec], { id: Type.String() });

/** Where models live. Keys stay in the environment of the workers: a provider only names the variable. */
export function providerRoutes(app: TypedApp, { pool }: ApiDeps): void {
  const guard = makeAddressGuard(process.env);
  app.get(
    '/v1/providers',
    {
      config: { scope: 'read' },
      schema: {
        tags,
        summary: 'List providers',
        response: { 200: Type.Object({ items: Type.Array(ProviderView) }), ...refusals },
      },
    },
    async () => ({ items: await listProviders(pool) }),
  );

  app.get(
    '/v1/providers/:id',
    {
      config: { scope: 'read' },
      schema: { tags, summary: 'One provider', params: Params, response: { 200: ProviderView, ...refusals } },
    },
    async ({ params: { id } }) => {
      const provider = await readProvider(pool, id);
      if (provider) return provider;
      throw new CrosscheckError('PROVIDER_MISSING', `there is no provider ${id}`, { got: id });
    },
  );

  app.put(
    '/v1/providers/:id',
    {
      config: { scope: 'admin', audit: 'provider' },
      schema: {
        tags,
        summary: 'Make or change a provider',
        params: Params,
        body: ProviderSpec,
        response: { 200: ProviderView, ...refusals },
      },
    },
    async ({ params: { id }, body }) => {
      requireHttp(body.baseUrl);
      const fault = await guard.findFault(body);
      if (fault !== null)
        throw new CrosscheckError('BODY_INVALID', fault, {
          field: 'baseUrl',
          got: body.baseUrl,
          expected: 'a public address',
        });
      return putProvider(pool, id, body);
    },
  );
}

function requireHttp(baseUrl: string | undefined): void {
  if (baseUrl === undefined) return;
  const { protocol, username, password } = new URL(baseUrl);
  if ((protocol === 'http:' || protocol === 'https:') && username === '' && password === '') return;
  throw new CrosscheckError('BODY_INVALID', 'baseUrl is no http URL without a password', {
    field: 'baseUrl',
    expected: 'http://host:port or https://host; the key goes into the variable that apiKeyEnv names',
  });
}
