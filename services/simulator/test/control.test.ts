import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startSimulator } from '../src/app.ts';
import { control, post, question, sdk, startFor, truthOf, userTurn } from './support/simulator.ts';

test('a real-looking key is refused and appears nowhere', async (t) => {
  const simulator = await startFor(t);
  const key = 'sk-ant-api03-secret-part';
  const asBearer = await post(simulator.url, question('x'), { key });
  const asHeader = await post(simulator.url, question('x'), { key: null, headers: { 'x-api-key': key } });
  assert.deepEqual([asBearer.status, asHeader.status], [401, 401]);
  assert.equal(asBearer.json.error.type, 'authentication_error');
  const everything = await Promise.all([
    fetch(`${simulator.controlUrl}/log`),
    fetch(`${simulator.controlUrl}/state`),
    fetch(`${simulator.controlUrl}/truth`),
    fetch(`${simulator.url}/metrics`),
  ]);
  for (const answer of everything) assert.doesNotMatch(await answer.text(), /sk-ant|secret/);
  assert.doesNotMatch(asBearer.text, /secret/);
});

test('a request without a key is answered 401', async (t) => {
  const { url } = await startFor(t);
  assert.equal((await post(url, question('x'), { key: null })).status, 401);
  assert.equal((await post(url, question('x'), { key: null, headers: { 'x-api-key': 'any' } })).status, 200);
});

test('the usage of delivered messages is the usage of the truth', async (t) => {
  const simulator = await startFor(t, { tenant: { faults: [{ kind: 'bad-json', p: 0.3 }] } });
  const sum = { input: 0, output: 0 };
  let lost = 0;
  for (let n = 0; n < 40; n += 1) {
    try {
      const { usage } = await sdk(simulator.url).messages.create(question(userTurn('free', `prompt ${n}`)));
      sum.input += usage.input_tokens;
      sum.output += usage.output_tokens;
    } catch {
      lost += 1;
    }
  }
  const { usage, trials } = await truthOf(simulator);
  assert.equal(usage.delivered['af-prompted']?.input, sum.input);
  assert.equal(usage.delivered['af-prompted']?.output, sum.output);
  assert.deepEqual([trials.delivered, trials.billedButLost], [40 - lost, lost]);
  assert.ok(lost > 0);
});

test('the truth of a cell has the configured rates, those of its prompts, and what was realised', async (t) => {
  const simulator = await startFor(t);
  for (const tier of ['free', 'paid']) {
    for (let n = 0; n < 10; n += 1)
      await post(simulator.url, question(userTurn(tier, `prompt ${n}`), { model: 'af-welfare' }));
  }
  const { cells, gaps } = await truthOf(simulator);
  const free = cells.find(({ cell }) => cell === 'free');
  assert.ok(free !== undefined);
  assert.equal(free.population.comply, 0.49);
  assert.equal(free.dataset.prompts, 10);
  assert.equal(
    Object.values(free.realised).reduce((sum, count) => sum + count, 0),
    10,
  );
  assert.equal(Object.keys(free.prompts).length, 10);
  const gap = gaps.find(({ treatment, control: other }) => treatment === 'free' && other === 'paid');
  assert.ok(gap !== undefined && Math.abs(gap.population - 0.15) < 1e-12);
  const paid = cells.find(({ cell }) => cell === 'paid');
  assert.ok(Math.abs(gap.dataset - (free.dataset.comply - (paid?.dataset.comply ?? 0))) < 1e-12);
});

test('the log has a row for every attempt, and says that the SDK did not retry', async (t) => {
  const simulator = await startFor(t, { tenant: { faults: [{ kind: '529', nth: 1 }] } });
  const client = sdk(simulator.url);
  const body = question(userTurn('free', 'x'), { metadata: { user_id: 'trial-7' } });
  await assert.rejects(client.messages.create(body));
  await client.messages.create(body);
  type Row = {
    seq: number;
    attempt: number;
    status: number;
    fault: string | null;
    sampleKey: string;
    sdkRetryCount: number;
    cell: string;
  };
  const { entries } = await control<{ entries: Row[] }>(simulator, 'GET', '/log');
  assert.deepEqual(
    entries.map(({ attempt, status, fault, sampleKey, sdkRetryCount, cell }) => [
      attempt,
      status,
      fault,
      sampleKey,
      sdkRetryCount,
      cell,
    ]),
    [
      [1, 529, '529', 'trial-7', 0, 'free'],
      [2, 200, null, 'trial-7', 0, 'free'],
    ],
  );
  const later = await control<{ entries: Row[] }>(simulator, 'GET', '/log?since=1');
  assert.deepEqual(
    later.entries.map(({ seq }) => seq),
    [1],
  );
});

test('a tenant is made, changed and dropped over the control port', async (t) => {
  const simulator = await startFor(t);
  await control(simulator, 'POST', '/tenants', { id: 'lab', persona: 'always-comply', seed: '9' });
  const ask = async () => post(`${simulator.url}/t/lab`, question(userTurn('paid', 'x'), { model: 'claude-opus-4-8' }));
  assert.match((await ask()).text, /\[sim o=c/);
  await control(simulator, 'PATCH', '/tenants/lab', { persona: 'always-refuse' });
  assert.match((await ask()).text, /\[sim o=r/);
  const { tenants } = await control<{ tenants: { id: string }[] }>(simulator, 'GET', '/tenants');
  assert.deepEqual(
    tenants.map(({ id }) => id),
    ['default', 'lab'],
  );
  await control(simulator, 'DELETE', '/tenants/lab');
  const gone = await fetch(`${simulator.controlUrl}/truth?tenant=lab`);
  assert.equal(gone.status, 404);
});

test('a mistake in a configuration is named with its place', async (t) => {
  await assert.rejects(
    startSimulator({ tenant: { persona: 'nobody' } }),
    /no persona "nobody"; known are af-prompted@1/,
  );
  await assert.rejects(startSimulator({ tenants: { a: { limit: {} } } } as object), /\/tenants\/a: .*limit/);
  await assert.rejects(startSimulator({ port: -1 }), /\/port/);
  const simulator = await startFor(t);
  const answer = await control<{ error: string }>(simulator, 'PATCH', '/tenants/default', {
    faults: [{ kind: '418' }],
  });
  assert.match(answer.error, /\/faults\/0/);
});

test('a persona of your own replaces a built-in one or stands beside it', async (t) => {
  const cells = [{ name: 'all', comply: 1, partial: 0 }];
  const simulator = await startFor(t, {
    personas: [{ id: 'mine', version: 3, cells }],
    tenant: { models: { 'claude-opus-4-8': { persona: 'mine' } } },
  });
  const answer = await post(simulator.url, question(userTurn('free', 'x'), { model: 'claude-opus-4-8' }));
  assert.equal(answer.headers.get('x-sim-persona'), 'mine@3');
  assert.match(answer.text, /\[sim o=c/);
});

test('health and metrics are on the public port', async (t) => {
  const { url } = await startFor(t);
  await post(url, question('x'));
  await post(url, '{');
  assert.equal((await fetch(`${url}/healthz`)).status, 200);
  const metrics = await (await fetch(`${url}/metrics`)).text();
  assert.match(metrics, /simulator_requests_total\{tenant="default",status="200"\} 1/);
  assert.match(metrics, /simulator_requests_total\{tenant="default",status="400"\} 1/);
});
