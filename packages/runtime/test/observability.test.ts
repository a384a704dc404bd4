import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeHealth, makeLogger, makeMetrics, openProbe } from '@crosscheck/runtime';
import { freePort } from '../../../test/support/ports.ts';

function makeLog(options: { logLevel?: string } = {}) {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>);
  return { log: makeLogger({ service: 'test', ...options }, { write }), lines };
}

test('a line names its service and the trial that it is about', () => {
  const { log, lines } = makeLog();
  log.child({ sweep: 's1', trial: 't1' }).info('recorded');
  assert.partialDeepStrictEqual(lines[0], {
    level: 'info',
    service: 'test',
    sweep: 's1',
    trial: 't1',
    msg: 'recorded',
  });
});

test('keys, passwords and URLs that hold them are never written, at three depths', () => {
  const { log, lines } = makeLog();
  const secret = 'sk-ant-hunter2';
  const secrets = { authorization: secret, 'x-api-key': secret, apiKey: secret, adminKey: secret, databaseUrl: secret };
  log.info({ ...secrets, headers: secrets, request: { headers: secrets } }, 'sent');
  assert.ok(!JSON.stringify(lines).includes('hunter2'), JSON.stringify(lines));
});

test('an error keeps its cause', () => {
  const { log, lines } = makeLog();
  log.error({ err: new Error('no answer', { cause: new Error('socket hang up') }) }, 'the call failed');
  assert.match(JSON.stringify(lines[0]?.['err']), /no answer.*socket hang up/);
});

test('health fails when a loop has not come round for longer than it may', () => {
  let nowMs = 1_000;
  const health = makeHealth({ clock: { nowMs: () => nowMs } });
  const loop = health.expect('dispatch', { ageMsMax: 500 });
  health.expect('reconcile', { ageMsMax: 5_000 });
  nowMs += 500;
  assert.equal(health.report().alive, true);
  nowMs += 1;
  assert.partialDeepStrictEqual(health.report().checks[0], { name: 'dispatch', ageMs: 501, alive: false });
  assert.equal(health.report().alive, false);
  loop.worked();
  assert.equal(health.report().alive, true);
});

test('a loop that comes round in vain is alive and not working, and says why', () => {
  let nowMs = 0;
  const health = makeHealth({ clock: { nowMs: () => nowMs } });
  const loop = health.expect('dispatch', { ageMsMax: 500 });
  nowMs += 600;
  loop.failed(new Error('Postgres is away'));
  assert.partialDeepStrictEqual(health.report(), { alive: true, working: false });
  assert.equal(health.report().checks[0]?.reason, 'Postgres is away');
  loop.worked();
  assert.partialDeepStrictEqual(health.report(), { alive: true, working: true });
});

test('metrics of two services in one process do not mix, and event-loop lag is among them', async () => {
  const [one, two] = [makeMetrics({ service: 'one' }), makeMetrics({ service: 'two' })];
  one.counter({ name: 'trials_total', help: 'trials', labelNames: ['outcome'] }).inc({ outcome: 'complied' }, 3);
  const text = await one.text();
  assert.match(text, /crosscheck_trials_total\{outcome="complied",service="one"\} 3/);
  assert.match(text, /nodejs_eventloop_lag_seconds/);
  assert.doesNotMatch(await two.text(), /trials_total/);
});

test('the probe answers health and metrics of a service that has no HTTP of its own', async (t) => {
  let nowMs = 0;
  const health = makeHealth({ clock: { nowMs: () => nowMs } });
  health.expect('fold', { ageMsMax: 10 });
  const probe = await openProbe({
    host: '127.0.0.1',
    port: await freePort(),
    health,
    metrics: makeMetrics({ service: 'test' }),
  });
  t.after(() => probe.close());
  const get = (route: string) => fetch(`http://127.0.0.1:${probe.port}${route}`);
  assert.equal((await get('/healthz')).status, 200);
  assert.equal((await get('/readyz')).status, 200);
  assert.match(await (await get('/metrics')).text(), /process_cpu_seconds_total/);
  assert.equal((await get('/elsewhere')).status, 404);
  nowMs = 11;
  const ill = await get('/healthz');
  assert.equal(ill.status, 503);
  assert.partialDeepStrictEqual(await ill.json(), { ok: false, checks: [{ name: 'fold', alive: false }] });
  assert.equal((await get('/readyz')).status, 503);
  assert.match(
    await (await get('/metrics')).text(),
    /crosscheck_loop_idle_seconds\{loop="fold",service="test"\} 0.011/,
  );
});

test('a probe on port 0 listens nowhere', async () => {
  const probe = await openProbe({
    host: '127.0.0.1',
    port: 0,
    health: makeHealth(),
    metrics: makeMetrics({ service: 'test' }),
  });
  assert.equal(probe.port, 0);
  await probe.close();
});
