import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeLimiter, type Limiter } from '../src/limits/limiter.ts';
import type { Limits } from '../src/limits/limits.ts';
import { makeSlidingSum } from '../src/limits/windows.ts';
import { ApiError } from '../src/protocol/api-error.ts';
import { control, post, question, sdk, startFor, userTurn } from './support/simulator.ts';
import Anthropic from '@anthropic-ai/sdk';

const scope = { organization: 'o', workspace: 'w', pool: 'p' };
const base: Limits = { requestsPerMinute: 60, inputTokensPerMinute: 60_000, outputTokensPerMinute: 6_000 };

/** A limiter whose clock the test moves. */
function limiterAt(limits: Limits, timeScale = 1) {
  const clock = { nowMs: 1_000_000 };
  const current = { limits };
  const limiter = makeLimiter({ limits: () => current.limits, timeScale: () => timeScale, now: () => clock.nowMs });
  return { clock, current, limiter };
}

function tryAdmit(limiter: Limiter, inputTokens = 1, body = 'b', maxTokens = 100): ApiError | null {
  try {
    limiter.arrive(scope, body);
    limiter.admit({ scope, bodyHash: body, inputTokens, maxTokens });
    return null;
  } catch (error) {
    assert.ok(error instanceof ApiError);
    return error;
  }
}
const admitted = (limiter: Limiter, tries: number): number =>
  Array.from({ length: tries }, () => tryAdmit(limiter)).filter((error) => error === null).length;

test('a full bucket admits its limit, and then what refills', () => {
  const { clock, limiter } = limiterAt(base);
  assert.equal(admitted(limiter, 100), 60);
  clock.nowMs += 5_000;
  assert.equal(admitted(limiter, 100), 5);
  const refused = tryAdmit(limiter);
  assert.equal(refused?.status, 429);
  assert.equal(refused?.headers['retry-after'], '1');
  assert.match(refused?.message ?? '', /limit of requests/);
});

test('no minute admits more than limit x (1 + burst), and no second more than capacity + limit / 60', () => {
  for (const burst of [1, 0.1, 1 / 60]) {
    const { clock, limiter } = limiterAt({ ...base, burst });
    const minute = makeSlidingSum(60_000);
    const second = makeSlidingSum(1_000);
    for (let step = 0; step < 4_000; step += 1) {
      clock.nowMs += 50;
      if (tryAdmit(limiter) !== null) continue;
      minute.add(clock.nowMs, 1);
      second.add(clock.nowMs, 1);
    }
    assert.ok(minute.max() <= 60 * (1 + burst) + 1e-9, `${minute.max()} in a minute`);
    assert.ok(second.max() <= 60 * burst + 1 + 1e-9, `${second.max()} in a second`);
  }
});

test('a client that waits as told is never refused twice in a row', () => {
  const { clock, limiter } = limiterAt({ ...base, inputTokensPerMinute: 6_000 });
  let refusals = 0;
  for (let call = 0; call < 200; call += 1) {
    const refused = tryAdmit(limiter, 700, `body ${call}`);
    if (refused === null) continue;
    refusals += 1;
    clock.nowMs += Number(refused.headers['retry-after']) * 1_000;
    assert.equal(tryAdmit(limiter, 700, `body ${call}`), null);
  }
  assert.ok(refusals > 100);
  assert.equal((limiter.report() as { bodiesResentEarly: number }).bodiesResentEarly, 0);
});

test('output is debited as generated, may go below zero, and then blocks', () => {
  const { clock, limiter } = limiterAt(base);
  assert.equal(tryAdmit(limiter), null);
  limiter.debitOutput(scope, 7_000, 0);
  const refused = tryAdmit(limiter);
  assert.match(refused?.message ?? '', /output tokens/);
  assert.equal(refused?.headers['retry-after'], '11');
  clock.nowMs += 11_000;
  assert.equal(tryAdmit(limiter), null);
});

test('with outputReserve the whole max_tokens is taken at admission', () => {
  const { limiter } = limiterAt({ ...base, outputReserve: true });
  assert.equal(tryAdmit(limiter, 1, 'a', 4_000), null);
  assert.match(tryAdmit(limiter, 1, 'b', 4_000)?.message ?? '', /output tokens/);
  assert.equal(tryAdmit(limiter, 1, 'c', 2_000), null);
});

test('a call larger than a whole bucket waits for a full one', () => {
  const { clock, limiter } = limiterAt({ ...base, burst: 1 / 60 });
  assert.equal(tryAdmit(limiter, 5_000), null);
  assert.notEqual(tryAdmit(limiter, 1), null);
  clock.nowMs += 5_000;
  assert.equal(tryAdmit(limiter, 1), null);
});

test('a lowered limit counts at once', () => {
  const { limiter, current } = limiterAt(base);
  current.limits = { ...base, requestsPerMinute: 3 };
  assert.equal(admitted(limiter, 10), 3);
});

test('arrivals inside an announced wait are counted, those within the grace are not', () => {
  const { clock, limiter } = limiterAt({ ...base, requestsPerMinute: 1 });
  const counted = () => limiter.report() as { arrivalsInsideAnnouncedWait: number; bodiesResentEarly: number };
  tryAdmit(limiter, 1, 'a');
  tryAdmit(limiter, 1, 'b');
  clock.nowMs += 100;
  tryAdmit(limiter, 1, 'c');
  assert.equal(counted().arrivalsInsideAnnouncedWait, 0);
  clock.nowMs += 1_000;
  tryAdmit(limiter, 1, 'b');
  assert.equal(counted().arrivalsInsideAnnouncedWait, 1);
  assert.equal(counted().bodiesResentEarly, 1);
});

test('a sharp rise is refused by the ramp limit below the nominal one', () => {
  const { clock, limiter } = limiterAt({
    ...base,
    requestsPerMinute: 6_000,
    inputTokensPerMinute: 6e6,
    ramp: { factor: 1.5, floorTokens: 10_000 },
  });
  for (let n = 0; n < 10; n += 1) assert.equal(tryAdmit(limiter, 1_000), null);
  const refused = tryAdmit(limiter, 1_000);
  assert.equal(refused?.code, 'ramp_limit_exceeded');
  assert.ok(Number(refused?.headers['retry-after']) >= 1);
  clock.nowMs += 61_000;
  for (let n = 0; n < 15; n += 1) assert.equal(tryAdmit(limiter, 1_000), null, `call ${n} of the second minute`);
  assert.equal(tryAdmit(limiter, 1_000)?.code, 'ramp_limit_exceeded');
});

test('a spend cap ends in a 429 without a wait, an own cap in a 400', () => {
  const capped = limiterAt({ ...base, spendCapUsd: 1 }).limiter;
  capped.debitOutput(scope, 1, 1.5);
  const refused = tryAdmit(capped);
  assert.equal(refused?.code, 'enforced_spend_limit_reached');
  assert.equal(refused?.headers['retry-after'], undefined);
  const own = limiterAt({ ...base, ownSpendCapUsd: 1 }).limiter;
  own.debitOutput(scope, 1, 1.5);
  assert.equal(tryAdmit(own)?.status, 400);
  assert.match(tryAdmit(own)?.message ?? '', /^You have reached your specified/);
});

test('in scaled time the true wait stands in retry-after-ms', () => {
  const { limiter } = limiterAt({ ...base, requestsPerMinute: 1 }, 60);
  tryAdmit(limiter);
  const headers = tryAdmit(limiter)?.headers ?? {};
  assert.equal(headers['retry-after'], '1');
  assert.equal(headers['retry-after-ms'], '1000');
});

test('every answer carries the headers of all four limits, and pools do not share', async (t) => {
  const limits = { requestsPerMinute: 2, inputTokensPerMinute: 80_000, outputTokensPerMinute: 20_000 };
  const { url } = await startFor(t, { tenant: { limits } });
  const ask = (model: string) => post(url, question(userTurn('free', 'x'), { model }));
  const first = await ask('claude-opus-4-8');
  const header = (name: string) => first.headers.get(`anthropic-ratelimit-${name}`);
  assert.equal(header('requests-limit'), '2');
  assert.equal(header('requests-remaining'), '1');
  assert.equal(header('input-tokens-limit'), '80000');
  assert.equal(header('input-tokens-remaining'), '80000', 'rounded to the nearest thousand');
  assert.equal(header('output-tokens-limit'), '20000');
  assert.equal(header('tokens-limit'), '100000');
  for (const name of ['requests', 'input-tokens', 'output-tokens', 'tokens']) {
    assert.match(header(`${name}-reset`) ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  }
  assert.equal((await ask('claude-opus-4-7')).status, 200);
  const refused = await ask('claude-opus-4-6');
  assert.equal(refused.status, 429);
  assert.equal(refused.json.error.type, 'rate_limit_error');
  assert.ok(Number(refused.headers.get('retry-after')) >= 1);
  assert.equal(refused.headers.get('anthropic-ratelimit-requests-remaining'), '0');
  assert.equal((await ask('claude-haiku-5-5')).status, 200);
});

test('keys have buckets of their own, unless the organization is shared', async (t) => {
  const limits = { requestsPerMinute: 1, inputTokensPerMinute: 1e6, outputTokensPerMinute: 1e6 };
  const { url } = await startFor(t, {
    tenants: { own: { limits }, shared: { limits: { ...limits, sharedOrganization: true } } },
  });
  const ask = async (tenant: string, key: string) =>
    (await post(`${url}/t/${tenant}`, question(userTurn('free', 'x')), { key })).status;
  assert.deepEqual([await ask('own', 'a'), await ask('own', 'b')], [200, 200]);
  assert.deepEqual([await ask('shared', 'a'), await ask('shared', 'b')], [200, 429]);
});

test('a model can have limits, a persona and a latency of its own, by its alias too', async (t) => {
  const limits = { requestsPerMinute: 1, inputTokensPerMinute: 1e6, outputTokensPerMinute: 1e6 };
  const models = {
    'claude-haiku-4-5': { persona: 'always-comply', limits },
    'my-checkpoint': { persona: 'echo', limits },
  };
  const { url } = await startFor(t, { tenant: { models } });
  const ask = (model: string) => post(url, question(userTurn('free', 'x'), { model }));
  const first = await ask('claude-haiku-4-5-20251001');
  assert.equal(first.headers.get('x-sim-persona'), 'always-comply@1');
  assert.equal((await ask('claude-haiku-4-5')).status, 429);
  assert.deepEqual([(await ask('my-checkpoint')).status, (await ask('my-checkpoint')).status], [200, 429]);
  assert.equal((await ask('claude-opus-4-8')).status, 200);
});

test('count_tokens has a limit of its own', async (t) => {
  const limits = {
    requestsPerMinute: 100,
    inputTokensPerMinute: 1e6,
    outputTokensPerMinute: 1e6,
    countTokensPerMinute: 1,
  };
  const { url } = await startFor(t, { tenant: { limits } });
  const client = sdk(url);
  const body = { model: 'af-prompted', messages: [{ role: 'user' as const, content: 'x' }] };
  await client.messages.countTokens(body);
  await assert.rejects(client.messages.countTokens(body), Anthropic.RateLimitError);
  await client.messages.create(question('x'));
});

test('limits can be dropped while it runs', async (t) => {
  const simulator = await startFor(t);
  const ask = async () => (await post(simulator.url, question(userTurn('free', 'x')))).status;
  assert.equal(await ask(), 200);
  const limits = { requestsPerMinute: 1, inputTokensPerMinute: 1e6, outputTokensPerMinute: 1e6 };
  await control(simulator, 'PATCH', '/tenants/default', { limits });
  assert.deepEqual([await ask(), await ask()], [200, 429]);
});
