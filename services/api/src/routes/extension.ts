import { Extended, ExtensionSpec } from '@crosscheck/contracts';
import { Type } from 'typebox';
import type { ApiDeps } from '../deps.ts';
import { callerOf } from '../http/auth.ts';
import { IdParams, refusals } from '../http/schemas.ts';
import type { TypedApp } from '../http/typed-app.ts';
import { makeExtend } from '../submit/extend-sweep.ts';
import { requireSweep } from './sweeps.ts';

const Headers = Type.Object({ 'idempotency-key': Type.Optional(Type.String({ maxLength: 200 })) });

/** More of a sweep, behind what it has. */
export function extensionRoutes(app: TypedApp, deps: ApiDeps): void {
  const extend = makeExtend(deps);

  app.post(
    '/v1/sweeps/:id/extend',
    {
      config: { scope: 'submit', audit: 'sweep' },
      schema: {
        tags: ['sweeps'],
        summary: 'Add samples, prompts or both to a sweep that runs, is paused or is completed',
        description:
          'New trials follow the planned ones in the seeded order, and outcomes that are there stay. `extension.meaning` says which intervals hold afterwards.',
        headers: Headers,
        params: IdParams,
        body: ExtensionSpec,
        response: { 202: Extended, ...refusals },
      },
    },
    async (request, reply) => {
      const sweep = await requireSweep(deps, callerOf(request).teamId, request.params.id);
      const idempotencyKey = request.headers['idempotency-key'];
      return reply.code(202).send(await extend({ sweep, extension: request.body, idempotencyKey }));
    },
  );
}
