import { setTimeout as sleep } from 'node:timers/promises';
import { drawsOf } from '../behaviour/keyed-draws.ts';
import { timeOf, type Timing } from '../behaviour/latency.ts';
import { personaName } from '../behaviour/persona.ts';
import type { Reply } from '../behaviour/respond.ts';
import { isNeverDelivered, type FaultKind } from '../faults/fault.ts';
import { injectAfter } from '../faults/inject.ts';
import type { Scope } from '../limits/limiter.ts';
import type { SimulatedModel } from '../model-facts.ts';
import { ApiError } from '../protocol/api-error.ts';
import { messageBody } from '../protocol/message-body.ts';
import type { MessagesRequest } from '../protocol/request.ts';
import { eventsOf } from '../protocol/sse.ts';
import type { ApiVersion } from '../protocol/validate.ts';
import type { AttemptEntry } from '../state/attempt-log.ts';
import type { CacheUse } from '../state/prompt-cache.ts';
import type { Tenant } from '../state/tenant.ts';
import type { Usage } from '../state/usage.ts';
import type { Exchange } from './exchange.ts';

export type LogEntry = Omit<AttemptEntry, 'seq'>;

/** One attempt whose request is valid and whose answer is decided, but not yet admitted, made or sent. */
export type Attempt = {
  exchange: Exchange;
  tenant: Tenant;
  entry: LogEntry;
  version: ApiVersion;
  request: MessagesRequest;
  model: SimulatedModel;
  scope: Scope;
  bodyHash: string;
  reply: Reply;
  usage: Usage;
  cacheUse: CacheUse;
};

/** An empty row of the attempt log. */
export function newEntry(exchange: Exchange, atMs: number): LogEntry {
  const retries = exchange.headers['x-stainless-retry-count'];
  return {
    atMs,
    route: exchange.path,
    organization: null,
    model: null,
    cell: null,
    promptKey: null,
    sampleKey: null,
    attempt: 0,
    sdkRetryCount: typeof retries === 'string' ? Number(retries) : null,
    status: null,
    fault: null,
    inputTokens: 0,
    outputTokens: 0,
    waitMs: 0,
    delivered: false,
  };
}

/** How much later the fault `slow` answers, when its rule does not say. */
const SLOW_MS = 5_000;

/**
 * Admits an attempt, waits as long as its answer takes, and sends it, whole or spoilt by a fault.
 * Resolves true when the client has the unbroken answer. @throws ApiError 429 when it is not admitted
 */
export async function runAttempt(
  attempt: Attempt,
  fault: FaultKind | null,
  { delayMs, now }: { delayMs: number | undefined; now: () => number },
): Promise<boolean> {
  const { exchange, tenant, entry, request, model, usage, cacheUse, reply } = attempt;
  admit(attempt);
  const startMs = now();
  const timing = timingOf(attempt);
  tenant.cache.commit(cacheUse, startMs, startMs + timing.firstTokenMs);
  tenant.limiter.debitOutput(attempt.scope, usage.output, costOf(usage, model));
  Object.assign(entry, { status: 200, inputTokens: totalInput(usage), outputTokens: usage.output });
  const lateMs = fault === 'slow' ? (delayMs ?? SLOW_MS) : 0;
  const waitMs = (request.stream === true ? timing.firstTokenMs : timing.totalMs) + lateMs;
  const stays = await waitUnlessGone(waitMs, exchange.signal);
  if (stays) await answer(attempt, fault, timing);
  const whole = stays && (await exchange.delivered) && (fault === null || !isNeverDelivered(fault));
  entry.waitMs = Math.round(now() - startMs);
  const delivery = { model: model.id, meaning: reply.meaning, stopReason: reply.stopReason, usage };
  if (whole) tenant.truth.delivered(delivery);
  else tenant.truth.lost(delivery);
  return whole;
}

/** Cache reads do not count against the input limit. */
function admit({ tenant, scope, bodyHash, request, usage }: Attempt): void {
  const inputTokens = usage.input + usage.cacheWrite5m + usage.cacheWrite1h;
  try {
    tenant.limiter.admit({ scope, bodyHash, inputTokens, maxTokens: request.max_tokens });
  } catch (error) {
    if (error instanceof ApiError) Object.assign(error.headers, tenant.limiter.headers(scope));
    throw error;
  }
}

const totalInput = (usage: Usage): number => usage.input + usage.cacheRead + usage.cacheWrite5m + usage.cacheWrite1h;

/** Latency has the key (body, attempt): a retry takes another time and gives the same answer. */
function timingOf({ tenant, bodyHash, entry, model, usage, reply }: Attempt): Timing {
  return timeOf(tenant.latencyOf(model), drawsOf([tenant.config.seed, bodyHash, String(entry.attempt), 'latency']), {
    line: model.line,
    uncachedInput: totalInput(usage) - usage.cacheRead,
    outputTokens: usage.output,
    speedup: reply.speedup,
    timeScale: tenant.config.timeScale,
  });
}

/** USD by the model's price; only spend caps use it. */
function costOf(usage: Usage, { price }: SimulatedModel): number {
  if (price === null) return 0;
  const perMillion =
    usage.input * price.input +
    usage.output * price.output +
    usage.cacheWrite5m * price.cacheWrite5m +
    usage.cacheWrite1h * price.cacheWrite1h +
    usage.cacheRead * price.cacheRead;
  return perMillion / 1_000_000;
}

/** Resolves false at once when the client goes away. */
async function waitUnlessGone(waitMs: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  if (waitMs <= 0) return true;
  try {
    await sleep(waitMs, undefined, { signal });
    return true;
  } catch {
    return false;
  }
}

async function answer(attempt: Attempt, fault: FaultKind | null, timing: Timing): Promise<void> {
  const { exchange, request, reply, model, cacheUse, version } = attempt;
  const name = fault === 'wrong-model' ? `${model.id}-other` : request.model;
  const body = messageBody(reply, { model: name, split: cacheUse.split, version });
  const headers = headersOf(attempt);
  if (request.stream === true && !breaksJson(fault)) return stream(attempt, { body, headers, fault, timing });
  const text = JSON.stringify(body);
  if (fault === null) return exchange.send(200, text, { ...headers, 'content-type': 'application/json' });
  return injectAfter(fault, { exchange, text, headers });
}

/** Faults that spoil a JSON body; a stream has its own. */
const breaksJson = (fault: FaultKind | null): boolean =>
  fault !== null && !['slow', 'wrong-model', 'sse-error', 'sse-truncate'].includes(fault);

function headersOf({ tenant, scope, reply }: Attempt): Record<string, string> {
  const meaning = reply.meaning;
  const played = meaning.kind === 'trial' ? meaning.persona : meaning.judge;
  return {
    'x-sim-persona': personaName(played),
    'anthropic-organization-id': scope.organization,
    ...tenant.limiter.headers(scope),
  };
}

type StreamInput = {
  body: ReturnType<typeof messageBody>;
  headers: Record<string, string>;
  fault: FaultKind | null;
  timing: Timing;
};

/** Sends the events of an answer: the first at the first token, the others spread over the rest of its time. */
async function stream({ exchange, reply }: Attempt, { body, headers, fault, timing }: StreamInput): Promise<void> {
  const events = eventsOf(body, reply, fault === 'sse-error' || fault === 'sse-truncate' ? fault : null);
  exchange.response.writeHead(200, {
    'request-id': exchange.requestId,
    'x-sim': '1',
    ...headers,
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
  });
  const pauseMs = (timing.totalMs - timing.firstTokenMs) / Math.max(1, events.length);
  for (const event of events) {
    exchange.response.write(event);
    if (pauseMs >= 1 && !(await waitUnlessGone(pauseMs, exchange.signal))) return;
  }
  exchange.response.end();
}
