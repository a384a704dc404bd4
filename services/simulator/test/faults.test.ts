import assert from 'node:assert/strict';
import { test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { decideFault, type FaultKind } from '../src/faults/fault.ts';
import { control, post, question, sdk, startFor, truthOf, userTurn } from './support/simulator.ts';

const body = () => question(userTurn('free', 'x'));
type Seen = { error?: unknown; value?: unknown };

/** What the SDK makes of one call under a fault, asked for by the header of a test key. */
async function seenUnder(
  url: string,
  kind: FaultKind,
  { timeout = 5_000, signalMs = 5_000, stream = false } = {},
): Promise<Seen> {
  const client = sdk(url, { timeout, defaultHeaders: { 'x-sim-fault': kind } });
  const signal = AbortSignal.timeout(signalMs);
  try {
    const value = stream
      ? await client.messages.stream(body(), { signal }).finalMessage()
      : await client.messages.create(body(), { signal });
    return { value };
  } catch (error) {
    return { error };
  }
}

const causeCode = (error: unknown): unknown =>
  ((error as Error).cause as { cause?: { code?: string } } | undefined)?.cause?.code;

type ErrorClass = abstract new (...args: never[]) => Error;
const typed: [FaultKind, ErrorClass, number, string | null][] = [
  ['429', Anthropic.RateLimitError, 429, 'rate_limit_error'],
  ['429-ramp', Anthropic.RateLimitError, 429, 'rate_limit_error'],
  ['429-spend', Anthropic.RateLimitError, 429, 'rate_limit_error'],
  ['429-no-header', Anthropic.RateLimitError, 429, 'rate_limit_error'],
  ['400', Anthropic.BadRequestError, 400, 'invalid_request_error'],
  ['401', Anthropic.AuthenticationError, 401, 'authentication_error'],
  ['402', Anthropic.APIError, 402, 'billing_error'],
  ['403', Anthropic.PermissionDeniedError, 403, 'permission_error'],
  ['404', Anthropic.NotFoundError, 404, 'not_found_error'],
  ['408', Anthropic.APIError, 408, 'timeout_error'],
  ['409', Anthropic.ConflictError, 409, 'conflict_error'],
  ['500', Anthropic.InternalServerError, 500, 'api_error'],
  ['504', Anthropic.InternalServerError, 504, 'timeout_error'],
  ['529', Anthropic.InternalServerError, 529, 'overloaded_error'],
  ['413-html', Anthropic.APIError, 413, null],
  ['502-html', Anthropic.InternalServerError, 502, null],
  ['503-html', Anthropic.InternalServerError, 503, null],
];

test('faults that are answers reach the SDK as its typed errors, and nothing is billed', async (t) => {
  const simulator = await startFor(t);
  for (const [kind, errorClass, status, type] of typed) {
    const { error } = await seenUnder(simulator.url, kind);
    assert.ok(error instanceof errorClass, `${kind}: ${String(error)}`);
    const { status: seenStatus, type: seenType, headers } = error as InstanceType<typeof Anthropic.APIError>;
    assert.equal(seenStatus, status, kind);
    assert.equal(seenType ?? null, type, kind);
    const waits = kind === '429' || kind === '429-ramp';
    assert.equal(headers?.get('retry-after') ?? null, waits ? '1' : null, kind);
  }
  const truth = await truthOf(simulator);
  assert.deepEqual(truth.usage, { delivered: {}, lost: {} });
});

test('a 429 says by its code why', async (t) => {
  const { url } = await startFor(t);
  const code = async (kind: FaultKind) =>
    (await post(url, body(), { headers: { 'x-sim-fault': kind } })).json.error.details?.error_code;
  assert.equal(await code('429'), undefined);
  assert.equal(await code('429-ramp'), 'ramp_limit_exceeded');
  assert.equal(await code('429-spend'), 'enforced_spend_limit_reached');
});

test('a connection that breaks before the headers is a connection error with its code', async (t) => {
  const { url } = await startFor(t);
  const reset = (await seenUnder(url, 'reset')).error;
  assert.ok(reset instanceof Anthropic.APIConnectionError);
  assert.equal(causeCode(reset), 'ECONNRESET');
  const fin = (await seenUnder(url, 'fin')).error;
  assert.ok(fin instanceof Anthropic.APIConnectionError);
  assert.equal(causeCode(fin), 'UND_ERR_SOCKET');
});

test('headers that never come are a timeout of the SDK', async (t) => {
  const { url } = await startFor(t);
  const { error } = await seenUnder(url, 'hang-headers', { timeout: 100 });
  assert.ok(error instanceof Anthropic.APIConnectionTimeoutError);
});

test('the body of an error that never ends waits for the own signal and looks like a server fault', async (t) => {
  const { url } = await startFor(t);
  const { error } = await seenUnder(url, 'error-body-hang', { timeout: 50, signalMs: 200 });
  assert.ok(error instanceof Anthropic.InternalServerError);
  assert.match(error.message, /aborted/);
});

test('bodies that break after they were billed reach the caller raw, and are counted as lost', async (t) => {
  const simulator = await startFor(t);
  const { url } = simulator;
  const cut = (await seenUnder(url, 'reset-mid-body')).error;
  assert.ok(cut instanceof TypeError && cut.message === 'terminated', String(cut));
  const hung = (await seenUnder(url, 'hang-body', { timeout: 50, signalMs: 200 })).error;
  assert.ok(hung instanceof DOMException, String(hung));
  assert.ok((await seenUnder(url, 'bad-json')).error instanceof SyntaxError);
  assert.equal(typeof (await seenUnder(url, 'wrong-content-type')).value, 'string');
  assert.equal((await seenUnder(url, 'empty-200')).value, undefined);
  const { value } = await seenUnder(url, 'wrong-model');
  assert.notEqual((value as Anthropic.Message).model, body().model);
  const truth = await truthOf(simulator);
  assert.equal(truth.trials.billedButLost, 6);
  assert.equal(truth.trials.delivered, 0);
  assert.ok((truth.usage.lost['af-prompted']?.input ?? 0) > 0);
});

test('a stream that fails is an error without status, one that ends early has no message', async (t) => {
  const { url } = await startFor(t);
  const failed = (await seenUnder(url, 'sse-error', { stream: true })).error;
  assert.ok(failed instanceof Anthropic.APIError);
  assert.equal(failed.status, undefined);
  const early = (await seenUnder(url, 'sse-truncate', { stream: true })).error;
  assert.match(String(early), /without producing a Message/);
});

test('a slow answer arrives late and whole', async (t) => {
  const simulator = await startFor(t, { tenant: { faults: [{ kind: 'slow', nth: 1, params: { delayMs: 120 } }] } });
  const startMs = performance.now();
  await sdk(simulator.url).messages.create(body());
  assert.ok(performance.now() - startMs >= 110);
  assert.equal((await truthOf(simulator)).trials.delivered, 1);
});

test('a rule strikes its attempt, its model, its cell and its window only', () => {
  const input = {
    seed: 's',
    bodyHash: 'b',
    attempt: 1,
    sinceStartMs: 0,
    model: 'm',
    cell: 'free',
    promptKey: 'p',
    sampleKey: '#0',
  };
  const strikes = (rule: object, more: object = {}): boolean =>
    decideFault([{ kind: '500', ...rule }], { ...input, ...more }) !== null;
  assert.deepEqual([strikes({ nth: 1 }), strikes({ nth: 1 }, { attempt: 2 })], [true, false]);
  assert.deepEqual([strikes({ match: { model: 'm' } }), strikes({ match: { model: 'n' } })], [true, false]);
  assert.deepEqual([strikes({ match: { cell: 'free' } }), strikes({ match: { cell: 'paid' } })], [true, false]);
  assert.deepEqual([strikes({ key: 'p' }), strikes({ key: 'q' })], [true, false]);
  const every = { when: { everyMs: 100, forMs: 10 } };
  assert.deepEqual([strikes(every, { sinceStartMs: 205 }), strikes(every, { sinceStartMs: 250 })], [true, false]);
  const once = { when: { fromMs: 100, toMs: 200 } };
  assert.deepEqual([strikes(once, { sinceStartMs: 150 }), strikes(once, { sinceStartMs: 200 })], [true, false]);
  const share =
    Array.from({ length: 5_000 }, (_, n) => strikes({ p: 0.3 }, { bodyHash: String(n) })).filter(Boolean).length /
    5_000;
  assert.ok(Math.abs(share - 0.3) < 0.02, String(share));
});

test('the fault header works for test keys only', async (t) => {
  const { url } = await startFor(t);
  const ask = async (key: string) => (await post(url, body(), { key, headers: { 'x-sim-fault': '500' } })).status;
  assert.deepEqual([await ask('test-a'), await ask('other')], [500, 200]);
});

test('an outage can be ordered while it runs', async (t) => {
  const simulator = await startFor(t);
  const ask = async () => (await post(simulator.url, body())).status;
  await control(simulator, 'PATCH', '/tenants/default', { faults: [{ kind: '529' }] });
  assert.equal(await ask(), 529);
  await control(simulator, 'PATCH', '/tenants/default', { faults: [] });
  assert.equal(await ask(), 200);
});
