import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import { CrosscheckError, toProblem } from '@crosscheck/contracts';
import { listLanes } from '@crosscheck/store';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { BOARD_POLICY } from '../console/policy.ts';
import type { ApiDeps } from '../deps.ts';

const PREFIX = '/ops/queues';
const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * bull-board: the raw queue, for people who know BullMQ. A key with the scope ops looks, one with admin may also change what it shows; Postgres
 * stays the truth, and what is removed here is put back. A job holds ids only, so no prompt and no answer is seen.
 */
export function queueBoardRoutes(app: FastifyInstance, { pool, queue }: Pick<ApiDeps, 'pool' | 'queue'>): void {
  if (queue === null) return;
  const adapters = new Map<string, BullMQAdapter>();
  const serverAdapter = new FastifyAdapter().setBasePath(PREFIX);
  const board = createBullBoard({
    queues: [],
    serverAdapter,
    options: { uiConfig: { boardTitle: 'Crosscheck: raw queues' } },
  });
  serverAdapter.setErrorHandler(toAnswer);

  void app.register(async (scope) => {
    guard(scope);
    // Lanes come and go while the process runs.
    scope.addHook('preHandler', async ({ url }) => {
      if (!url.startsWith(`${PREFIX}/api/`)) return;
      const lanes = await listLanes(pool);
      board.replaceQueues(lanes.map(({ id }) => adapterOf(id)));
    });
    await scope.register(serverAdapter.registerPlugin(), { prefix: PREFIX });
  });

  function adapterOf(laneId: string): BullMQAdapter {
    const adapter =
      adapters.get(laneId) ?? new BullMQAdapter(queue?.raw(laneId) as BoardQueue, { displayName: laneId });
    adapters.set(laneId, adapter);
    return adapter;
  }
}

type BoardQueue = ConstructorParameters<typeof BullMQAdapter>[0];

/** Gives every route of the board a scope, so that ours is asked for a key, and what is changed stands in the audit log. */
function guard(scope: FastifyInstance): void {
  scope.addHook('onRoute', (route) => {
    const isRead = [route.method].flat().every((method) => READS.has(method));
    route.config = { ...route.config, scope: isRead ? 'ops' : 'admin', ownHeader: false };
  });
  scope.addHook('onSend', async (_request, reply) => {
    reply.header('content-security-policy', BOARD_POLICY);
  });
  scope.addHook('preSerialization', async (request, _reply, payload) =>
    mayChange(request) ? payload : toReadOnly(payload),
  );
}

/** A refusal has no caller, and nothing that could be changed. */
const mayChange = ({ caller }: FastifyRequest): boolean => caller?.scopes.includes('admin') ?? false;

/** The board shows no button for what it may not do. */
function toReadOnly(payload: unknown): unknown {
  const { queues } = payload as { queues?: object[] };
  if (!Array.isArray(queues)) return payload;
  const readOnly = { readOnlyMode: true, allowRetries: false, allowCompletedRetries: false };
  return { ...(payload as object), queues: queues.map((queue) => ({ ...queue, ...readOnly })) };
}

/** The board asks for an answer with a message; ours has the code beside it. */
function toAnswer(error: Error): { status: 400 | 500; body: { error: string; message: string } } {
  const problem = toProblem(
    error instanceof CrosscheckError
      ? error
      : new CrosscheckError('INTERNAL', 'the queue could not be read or changed'),
  );
  return { status: problem.status as 400 | 500, body: { ...problem, error: problem.code, message: problem.detail } };
}
