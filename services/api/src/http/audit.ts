import {
  type AuditSubject,
  beginAuditEntry,
  completeAuditEntry,
  type Db,
  type Pool,
  readAuditSubject,
} from '@crosscheck/store';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { callerOf } from './auth.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** false: a POST that changes nothing. A kind: what the route's id names, or what it makes */
    audit?: false | AuditSubject;
  }
}

type Open = { entry: string; kind: AuditSubject | null; subject: string | null };

const CHANGES = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);
const AFTER_CHARS_MAX = 2_000;

/**
 * Keeps the audit log. Whatever a key asks to change gets its entry before it is done, so that no change can be without one, and the entry
 * is completed before the answer goes out. What is refused for its key or its schema changed nothing and leaves none.
 */
export function auditChanges(app: FastifyInstance, pool: Pool): void {
  const open = new WeakMap<FastifyRequest, Open>();

  app.addHook('preHandler', async (request) => {
    const { audit } = request.routeOptions.config;
    if (!CHANGES.has(request.method) || request.caller === null || audit === false) return;
    const kind = audit ?? null;
    const subject = subjectOf(request, kind);
    const entry = await beginAuditEntry(pool, {
      teamId: request.caller.teamId,
      keyId: request.caller.keyId,
      address: request.ip,
      action: actionOf(request),
      subjectKind: kind,
      subject,
      before: await readShort(pool, request, kind, subject),
      requestId: request.id,
    });
    open.set(request, { entry, kind, subject });
  });

  app.addHook('onSend', async (request, reply, payload) => {
    const begun = open.get(request);
    if (!begun) return payload;
    // Once: an error here is answered as one, and passes this hook again.
    open.delete(request);
    const made = begun.subject ?? (reply.statusCode < 400 ? idOf(payload) : null);
    const after =
      reply.statusCode >= 400
        ? null
        : ((await readShort(pool, request, begun.kind, made)) ?? (begun.kind === null ? shortOf(payload) : null));
    await completeAuditEntry(pool, begun.entry, { status: reply.statusCode, subject: made, after });
    return payload;
  });
}

/** The entry of a GET that wrote something this once, such as a draw that is kept: within the transaction that writes it. */
export async function auditKeptRead(
  db: Db,
  request: FastifyRequest,
  { kind, id, after }: { kind: AuditSubject; id: string; after: object },
): Promise<void> {
  const { teamId, keyId } = callerOf(request);
  const entry = await beginAuditEntry(db, {
    teamId,
    keyId,
    address: request.ip,
    action: actionOf(request),
    subjectKind: kind,
    subject: id,
    before: null,
    requestId: request.id,
  });
  await completeAuditEntry(db, entry, { status: 200, subject: id, after });
}

/** A path without ids, as the reference spells it. */
function actionOf({ method, routeOptions, params }: FastifyRequest): string {
  const { '*': rest = '' } = params as Record<string, string | undefined>;
  const act = /\/(pause|resume)$/.exec(rest)?.[0] ?? '';
  const path = (routeOptions.url ?? '')
    .replace(/:(\w+)/g, '{$1}')
    .replace('*', `{model}${method === 'POST' ? act : ''}`);
  return `${method} ${path}`;
}

function subjectOf({ params, method }: FastifyRequest, kind: AuditSubject | null): string | null {
  const { id, provider, '*': rest } = params as Record<string, string | undefined>;
  if (kind === 'lane') return `${provider}/${method === 'POST' ? rest?.replace(/\/(pause|resume)$/, '') : rest}`;
  return id ?? null;
}

/** A team's own things are told to it only; what belongs to nobody, and keys and teams, is asked for by operators. */
async function readShort(
  pool: Pool,
  request: FastifyRequest,
  kind: AuditSubject | null,
  id: string | null,
): Promise<object | null> {
  if (kind === null || id === null) return null;
  const isOperators = kind === 'lane' || kind === 'provider' || kind === 'team' || kind === 'api_key';
  return readAuditSubject(pool, kind, id, isOperators ? null : callerOf(request).teamId);
}

function idOf(payload: unknown): string | null {
  const { id } = parse(payload);
  return typeof id === 'string' ? id : null;
}

/** The top of an answer, where nothing in the database stands for it: numbers, flags and short words. */
function shortOf(payload: unknown): object {
  const short = Object.entries(parse(payload)).filter(
    ([name, value]) => name !== 'key' && (typeof value === 'number' || typeof value === 'boolean' || isWord(value)),
  );
  return Object.fromEntries(short);
}

const isWord = (value: unknown): boolean => typeof value === 'string' && value.length <= 100;

function parse(payload: unknown): Record<string, unknown> {
  if (typeof payload !== 'string' || payload.length > AFTER_CHARS_MAX * 100) return {};
  try {
    return (JSON.parse(payload) ?? {}) as Record<string, unknown>;
  } catch {
    return {};
  }
}
