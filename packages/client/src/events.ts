import { setTimeout as sleep } from 'node:timers/promises';
import type { Http } from './http.ts';
import { ProblemError } from './problem-error.ts';
import { readSse, type SseMessage, type SseReader } from './sse.ts';

/** Something that happened to a sweep. `id` resumes the stream after it. */
export type SweepEvent = { id: string | null; kind: string; data: unknown };

export type EventsOptions = {
  /** the id of the last event that was seen; absent starts with the newest of each kind */
  lastEventId?: string | undefined;
  signal?: AbortSignal | undefined;
  /** a stream that is silent for so long, heartbeats included, is taken for dead and opened again; default 60,000 */
  silenceMsMax?: number | undefined;
};

const RECONNECT_MS = 1_000;
const RECONNECT_MS_MAX = 15_000;

/**
 * A sweep's events. A connection that breaks, or that the server closes, is opened again after the last event that was seen, for as long
 * as the caller reads: leave the loop, or abort, when what you waited for has come. It ends by itself when the server says that nothing
 * will follow (204).
 *
 * @throws ProblemError when the server refuses for good, for example SWEEP_UNKNOWN; an abort rejects with the signal's reason
 */
export async function* followEvents(
  http: Http,
  path: string,
  { lastEventId, signal, silenceMsMax = 60_000 }: EventsOptions = {},
): AsyncGenerator<SweepEvent, void, undefined> {
  let [seen, retryMs, failures] = [lastEventId, RECONNECT_MS, 0];
  for (;;) {
    let stream: SseReader | null = null;
    try {
      stream = await openStream(http, path, { seen, signal, silenceMsMax });
      if (stream === null) return;
      for await (const message of stream.messages) {
        [seen, failures] = [message.id ?? seen, 0];
        yield toEvent(message);
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (isFinal(error)) throw error;
      failures += 1;
    }
    retryMs = stream?.retryMs ?? retryMs;
    await sleep(Math.min(retryMs * 2 ** Math.max(0, failures - 1), RECONNECT_MS_MAX), undefined, { signal });
  }
}

type StreamOptions = { seen: string | undefined; signal: AbortSignal | undefined; silenceMsMax: number };

/** Opens the stream once; null when the server says that there is nothing to follow. */
async function openStream(
  http: Http,
  path: string,
  { seen, signal, silenceMsMax }: StreamOptions,
): Promise<SseReader | null> {
  const silent = new AbortController();
  const response = await http.send(path, {
    headers: { accept: 'text/event-stream', ...(seen === undefined ? {} : { 'last-event-id': seen }) },
    signal: signal ? AbortSignal.any([signal, silent.signal]) : silent.signal,
  });
  if (response.status === 204 || response.body === null) return null;
  return readSse(watchSilence(response.body, silent, silenceMsMax));
}

/** A peer that vanished without a word leaves a connection that is open for ever: only its silence tells. */
async function* watchSilence(
  body: ReadableStream<Uint8Array>,
  silent: AbortController,
  silenceMsMax: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const timer = setTimeout(() => silent.abort(new Error(`no byte for ${silenceMsMax} ms`)), silenceMsMax);
  try {
    for await (const chunk of body) {
      timer.refresh();
      yield chunk;
    }
  } finally {
    clearTimeout(timer);
  }
}

/** What will not be better in a second: the sweep is unknown, the key is wrong, an event is not JSON. */
function isFinal(error: unknown): boolean {
  if (error instanceof SyntaxError) return true;
  return error instanceof ProblemError && error.status < 500 && error.status !== 429;
}

function toEvent({ id, event, data }: SseMessage): SweepEvent {
  return { id, kind: event, data: JSON.parse(data) };
}
