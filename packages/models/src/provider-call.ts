import type { CallOptions, CallResult, Dialect, ModelClient, ModelRequest } from '@crosscheck/contracts';
import { ruleOf } from './call-codes.ts';
import { openCallDeadline, toTimerMs } from './call-deadline.ts';
import { type Classified, classify, type Phase, type Seen } from './classify.ts';
import { DIALECT_TRAITS } from './dialects.ts';
import { readRateHeaders } from './rate-headers.ts';
import { readThrown } from './read-thrown.ts';
import { type RequestBody, toRequestBody } from './request-body.ts';
import { hashRequestBody } from './request-hash.ts';
import { quoteSafely } from './safe-quote.ts';
import { withoutSecret } from './without-secret.ts';

export type SendOptions = {
  /** ends the call at its deadline, or when its caller cancels */
  signal: AbortSignal;
  /** the same deadline, for transports that want to know it */
  timeoutMs: number;
  /** to be called once, as soon as the headers of the answer are there */
  onHeaders: (status: number, headers: Headers) => void;
};

/** Sends one body and reports what came of it. May throw whatever its transport throws. */
export type Send = (body: RequestBody, options: SendOptions) => Promise<Seen>;

export type ProviderCallDeps = {
  dialect: Dialect;
  send: Send;
  /** the provider is declared simulated */
  simulated: boolean;
  /** never to be shown in a detail: the key */
  secret: string;
};

type Sight = { seen: Seen; status: number | null; headers: Headers };

/**
 * A model client around one way of sending: hashes what is sent, keeps the time, asks our own signals before it looks at any error,
 * checks the mark of simulators and classifies. Whatever happens is a result; nothing is thrown.
 */
export function makeProviderClient(deps: ProviderCallDeps): ModelClient {
  return {
    async call(request, options) {
      const startedMs = performance.now();
      const measure = (requestHash: string) => ({ requestHash, latencyMs: Math.round(performance.now() - startedMs) });
      try {
        const body = toRequestBody(deps.dialect, request);
        const requestHash = hashRequestBody(body);
        return toResult(deps, request, await watch(deps, body, options), measure(requestHash));
      } catch (error) {
        const seen: Seen = { what: 'unknown_error', name: error instanceof Error ? error.name : typeof error };
        return toResult(deps, request, { seen, status: null, headers: new Headers() }, measure(''));
      }
    },
  };
}

async function watch({ send, simulated }: ProviderCallDeps, body: RequestBody, options: CallOptions): Promise<Sight> {
  if (options.signal.aborted) {
    return { seen: { what: 'stopped', by: 'caller', phase: 'unsent' }, status: null, headers: new Headers() };
  }
  using deadline = openCallDeadline(options);
  let phase: Phase = 'headers';
  let status: number | null = null;
  let headers = new Headers();
  const onHeaders = (seenStatus: number, seenHeaders: Headers) => {
    [phase, status, headers] = ['body', seenStatus, seenHeaders];
  };
  const seen = await send(body, { signal: deadline.signal, timeoutMs: toTimerMs(options.deadlineMs), onHeaders }).catch(
    (error: unknown) => readThrown(error, phase, Date.now()),
  );
  if (!simulated && headers.get('x-sim') === '1') return { seen: { what: 'undeclared_simulation' }, status, headers };
  // a complete answer stays one, even when the deadline passed while it was read
  if (deadline.endedBy !== null && seen.what !== 'answer') {
    return { seen: { what: 'stopped', by: deadline.endedBy, phase }, status, headers };
  }
  return { seen, status, headers };
}

function toResult(
  { dialect, simulated, secret }: ProviderCallDeps,
  request: ModelRequest,
  { seen, status, headers }: Sight,
  measured: Pick<CallResult['meta'], 'requestHash' | 'latencyMs'>,
): CallResult {
  const nowMs = Date.now();
  const classified = classify(seen, {
    model: request.model,
    echoesModel: DIALECT_TRAITS[dialect].echoesModel,
    nowMs,
  });
  const hidden = [secret, request.user, request.system ?? ''];
  const result: CallResult = {
    ...classified,
    detail: describe(classified, seen, hidden),
    answer: seen.what === 'answer' ? seen.answer : null,
    usage: seen.what === 'answer' ? seen.usage : null,
    remaining: readRateHeaders(headers, nowMs).remaining,
    meta: {
      requestId: headers.get('request-id') ?? headers.get('x-request-id'),
      httpStatus: status,
      ...measured,
      simulated: simulated || headers.get('x-sim') === '1',
    },
  };
  return withoutSecret(result, secret);
}

/** One sentence for people: what happened, and how the server or the system named it. */
function describe({ code }: Classified, seen: Seen, hidden: readonly string[]): string {
  const says = ruleOf(code).says;
  switch (seen.what) {
    case 'error_answer': {
      const words = ['HTTP', seen.status, quoteSafely(seen.errorType, hidden), quoteSafely(seen.errorCode, hidden)];
      const quote = quoteSafely(seen.message, hidden);
      return `${says} (${words.filter((word) => word !== null).join(' ')})${quote === null ? '' : `: ${quote}`}`;
    }
    case 'wire':
      return seen.cause === null ? says : `${says} (${seen.cause})`;
    case 'stream_error':
      return seen.errorType === null ? says : `${says} (${seen.errorType})`;
    case 'unknown_error':
      return `${says} (${seen.name})`;
    case 'answer':
      return code === 'ok' ? says : `${says} (stop reason ${seen.answer.stopReason}, model ${seen.answer.model})`;
    case 'garbled':
    case 'not_sent':
    case 'stopped':
    case 'unready':
    case 'undeclared_simulation':
      return says;
    default:
      return seen satisfies never;
  }
}
