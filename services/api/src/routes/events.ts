import { Readable } from 'node:stream';
import { CrosscheckError } from '@crosscheck/contracts';
import { type EventRow, readEvents, readNewestEvents, readSweep } from '@crosscheck/store';
import { Type } from 'typebox';
import type { ApiDeps } from '../deps.ts';
import { type FeedItem, makeEventFeed } from '../events/feed.ts';
import { callerOf } from '../http/auth.ts';
import type { KeyWatch } from '../http/key-watch.ts';
import { IdParams, refusals, textOf } from '../http/schemas.ts';
import type { TypedApp } from '../http/typed-app.ts';
import { requireSweep } from './sweeps.ts';

const POLL_MS = 250;
const HEARTBEAT_MS = 15_000;
const RETRY_MS = 1_000;
const EventHeaders = Type.Object({ 'last-event-id': Type.Optional(Type.String({ maxLength: 30 })) });

/** A sweep's progress and metrics as server-sent events. */
export function eventRoutes(app: TypedApp, deps: ApiDeps, keys: KeyWatch): void {
  const { pool, clock, log, eventPollMs = POLL_MS } = deps;
  const feed = makeEventFeed({
    readEvents: (sweepId, page) => readEvents(pool, sweepId, page),
    readNewest: (sweepId) => readNewestEvents(pool, sweepId),
    readState: (sweepId) => readSweep(pool, null, sweepId),
    nowMs: () => clock.nowMs(),
    pollMs: eventPollMs,
    onError: (error) => log.warn({ err: error }, 'looking for events failed: the next look tries again'),
  });
  const toFrames = makeFrames();
  // Streams would keep the server from closing: they end first, and their readers come back to another process.
  app.addHook('preClose', async () => {
    feed.close();
    keys.close();
  });

  app.get(
    '/v1/sweeps/:id/events',
    {
      exposeHeadRoute: false,
      config: { scope: 'read' },
      schema: {
        tags: ['sweeps'],
        summary: 'Progress and metrics as they change (server-sent events)',
        description:
          'Starts with the newest event of each kind, or after `Last-Event-ID` where the sweep has an event that is as new. Ends when the sweep has finished or the key opens nothing any more; 204 when nothing follows. ' +
          'A line `: silence` comes every 15 s in which nothing happened.',
        params: IdParams,
        headers: EventHeaders,
        response: {
          200: textOf('Frames of kind `progress` and `metrics`', 'text/event-stream'),
          204: Type.Null({ description: 'Nothing follows' }),
          ...refusals,
        },
      },
    },
    async (request, reply) => {
      const { teamId, keyId } = callerOf(request);
      const { id } = await requireSweep(deps, teamId, request.params.id);
      const lastId = readLastEventId(request.headers['last-event-id']);
      const afterId = lastId === null ? null : await feed.findPlace(id, lastId);
      if (lastId !== null && (await feed.isOver(id, afterId ?? '0'))) return reply.code(204).send(null);
      const gone = new AbortController();
      const unwatch = keys.watch(keyId, () => gone.abort());
      reply.raw.once('close', () => {
        unwatch();
        gone.abort();
      });
      const items = feed.follow(id, { afterId, signal: gone.signal, heartbeatMs: HEARTBEAT_MS });
      return reply
        .header('cache-control', 'no-cache, no-transform')
        .header('x-accel-buffering', 'no')
        .type('text/event-stream; charset=utf-8')
        .send(Readable.from(toFrames(items), { objectMode: false, highWaterMark: 16_384 }));
    },
  );
}

/**
 * Makes what is sent of a feed. The stream reads the next item only when the connection has taken the ones before. Readers share an event,
 * and so its text: however many follow a sweep, its metrics are written out once.
 */
function makeFrames(): (items: AsyncGenerator<FeedItem>) => AsyncGenerator<string> {
  const written = new WeakMap<EventRow, string>();
  const write = (event: EventRow): string => {
    const text = `id: ${event.id}\nevent: ${event.kind}\ndata: ${JSON.stringify(event.data)}\n\n`;
    written.set(event, text);
    return text;
  };
  return async function* toFrames(items) {
    yield `retry: ${RETRY_MS}\n\n`;
    for await (const item of items) {
      yield item.kind === 'silence' ? ': silence\n\n' : (written.get(item.event) ?? write(item.event));
    }
  };
}

function readLastEventId(header: string | undefined): string | null {
  if (header === undefined || header === '') return null;
  if (/^\d{1,18}$/.test(header)) return header;
  throw new CrosscheckError('QUERY_INVALID', 'Last-Event-ID is no id of an event', {
    field: 'Last-Event-ID',
    got: header,
    expected: 'a whole number',
  });
}
