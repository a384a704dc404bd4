import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { FaultRule } from '../src/faults/fault.ts';
import { control, inParallel, post, question, sdk, startFor, textIn, truthOf, userTurn } from './support/simulator.ts';

const FAULTS: FaultRule[] = [
  { kind: '529', p: 0.1 },
  { kind: '500', p: 0.1 },
  { kind: 'bad-json', p: 0.05 },
  { kind: 'reset', p: 0.05 },
  { kind: 'reset-mid-body', p: 0.05 },
];

type Run = { seed?: string; faults?: FaultRule[]; width: number; named?: boolean };

/** Every request until it is answered, 8 samples of 15 prompts in two tiers; the texts delivered, in sorted order. */
async function deliver(t: TestContext, { seed = 's', faults = [], width, named = false }: Run) {
  const simulator = await startFor(t, { tenant: { seed, faults } });
  const client = sdk(simulator.url);
  const trials = ['free', 'paid'].flatMap((tier) =>
    Array.from({ length: 15 * 8 }, (_, n) => ({ tier, prompt: `prompt ${n % 15}`, sample: Math.floor(n / 15) })),
  );
  let failures = 0;
  const texts = await inParallel(trials, width, async ({ tier, prompt, sample }) => {
    const body = question(userTurn(tier, prompt), { model: 'af-welfare' });
    if (named) body.metadata = { user_id: `${tier}/${prompt}/${sample}` };
    for (;;) {
      try {
        return textIn(await client.messages.create(body));
      } catch {
        failures += 1;
      }
    }
  });
  return { texts: texts.toSorted(), failures, truth: await truthOf(simulator) };
}

test('the same seed gives byte-equal answers and another seed gives others', async (t) => {
  const [one, two, other] = await Promise.all([
    deliver(t, { width: 4 }),
    deliver(t, { width: 4 }),
    deliver(t, { width: 4, seed: 'another' }),
  ]);
  assert.deepEqual(one.texts, two.texts);
  assert.notDeepEqual(one.texts, other.texts);
});

test('what is delivered does not depend on faults, retries or concurrency', async (t) => {
  const calm = await deliver(t, { width: 1 });
  for (const width of [8, 64]) {
    const stormy = await deliver(t, { width, faults: FAULTS });
    assert.ok(stormy.failures > 60, `only ${stormy.failures} attempts failed`);
    assert.deepEqual(stormy.texts, calm.texts);
    assert.deepEqual(
      stormy.truth.cells.map(({ realised }) => realised),
      calm.truth.cells.map(({ realised }) => realised),
    );
    assert.deepEqual(stormy.truth.usage.delivered, calm.truth.usage.delivered);
    assert.equal(stormy.truth.trials.delivered, 240);
    assert.equal(stormy.truth.trials.deliveredMoreThanOnce, 0);
    assert.ok(stormy.truth.trials.billedButLost > 0);
  }
});

test('trials named by metadata get their own answers in any order', async (t) => {
  const one = await deliver(t, { width: 1, named: true });
  const two = await deliver(t, { width: 32, named: true, faults: FAULTS });
  assert.deepEqual(two.texts, one.texts);
});

test('faults strike the same attempts in a replay', async (t) => {
  const first = await deliver(t, { width: 1, faults: FAULTS });
  const second = await deliver(t, { width: 1, faults: FAULTS });
  assert.equal(first.failures, second.failures);
});

test('a client that goes away gives its sample back', async (t) => {
  const simulator = await startFor(t, { tenant: { latency: 'realistic' } });
  const body = question(userTurn('free', 'x'));
  await assert.rejects(sdk(simulator.url).messages.create(body, { signal: AbortSignal.timeout(100) }));
  await control(simulator, 'PATCH', '/tenants/default', { latency: 'instant' });
  await sdk(simulator.url).messages.create(body);
  const { entries } = await control<{ entries: { sampleKey: string; delivered: boolean; attempt: number }[] }>(
    simulator,
    'GET',
    '/log',
  );
  assert.deepEqual(
    entries.map(({ sampleKey, delivered, attempt }) => ({ sampleKey, delivered, attempt })),
    [
      { sampleKey: '#0', delivered: false, attempt: 1 },
      { sampleKey: '#0', delivered: true, attempt: 2 },
    ],
  );
  assert.equal((await truthOf(simulator)).trials.billedButLost, 1);
});

test('a reset begins again exactly', async (t) => {
  const simulator = await startFor(t);
  const ask = async () => (await post(simulator.url, question(userTurn('free', 'x')))).text;
  const before = [await ask(), await ask()];
  await control(simulator, 'POST', '/reset?tenant=default');
  assert.deepEqual((await truthOf(simulator)).cells, []);
  assert.deepEqual([await ask(), await ask()], before);
});

test('tenants do not influence each other', async (t) => {
  const limits = { requestsPerMinute: 2, inputTokensPerMinute: 1e6, outputTokensPerMinute: 1e6 };
  const simulator = await startFor(t, { tenants: { small: { limits, seed: 'crosscheck' }, other: {} } });
  const body = question(userTurn('free', 'x'), { model: 'always-comply' });
  const ask = (tenant: string) => post(`${simulator.url}/t/${tenant}`, body);
  const small = [await ask('small'), await ask('small'), await ask('small')];
  assert.deepEqual(
    small.map(({ status }) => status),
    [200, 200, 429],
  );
  const [plain, other, unknown] = [await post(simulator.url, body), await ask('other'), await ask('made-on-the-fly')];
  assert.equal(plain.json.content[0]?.text, small[0]?.json.content[0]?.text, 'one seed, first sample');
  assert.notEqual(other.json.content[0]?.text, plain.json.content[0]?.text, 'a seed of its own');
  assert.equal(unknown.status, 200);
  assert.equal((await truthOf(simulator, 'small')).trials.delivered, 2);
  assert.equal((await truthOf(simulator, 'other')).trials.delivered, 1);
});
