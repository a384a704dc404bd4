/** Traces of real processes, as a collector gets them. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { startSimulator } from '../../services/simulator/src/app.ts';
import { type CollectedSpan, openCollector } from '../support/collector.ts';
import { freePort } from '../support/ports.ts';
import { openDatabase } from '../support/postgres.ts';
import { startProcess, type TestProcess } from '../support/processes.ts';
import { openRedis, redisMissing } from '../support/redis.ts';
import { until } from '../support/until.ts';

const KEY = 'an-admin-key-of-tests';
const SERVICES = ['api', 'scheduler', 'worker', 'aggregator'] as const;
/** In the prompt, in the system prompt, in the query of a request, and what the simulator answers and thinks. */
const NEVER = ['canary-prompt', 'canary-system', 'canary-query', KEY, 'SCRATCHPAD', 'synthetic'];

type Cluster = {
  ask: (
    method: string,
    route: string,
    options?: { body?: object; headers?: object },
  ) => Promise<Record<string, unknown>>;
  /** submits `prompts` prompts under two conditions and waits for the end; few of them get a judge, many a rule */
  sweep: (prompts: number, headers?: object) => Promise<string>;
  processes: TestProcess[];
};

async function startCluster(t: TestContext, env: Record<string, string>): Promise<Cluster> {
  const { url } = await openDatabase(t);
  const simulator = await startSimulator({ port: 0, controlPort: 0 });
  t.after(() => simulator.close());
  const port = await freePort();
  const own = {
    DATABASE_URL: url,
    CROSSCHECK_ADMIN_KEY: KEY,
    CROSSCHECK_SIMULATOR_URL: simulator.url,
    CROSSCHECK_PORT: String(port),
    LOG_LEVEL: 'warn',
  };
  const processes = await Promise.all(
    SERVICES.map((service) =>
      startProcess(t, { file: `services/${service}/src/main.ts`, env: { ...own, ...env }, timeoutMs: 60_000 }),
    ),
  );
  const ask: Cluster['ask'] = async (method, route, { body, headers = {} } = {}) => {
    const response = await fetch(`http://127.0.0.1:${port}${route}`, {
      method,
      headers: { authorization: `Bearer ${KEY}`, ...(body ? { 'content-type': 'application/json' } : {}), ...headers },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    assert.ok(response.ok, await response.clone().text());
    return (await response.json()) as Record<string, unknown>;
  };
  return {
    ask,
    processes,
    async sweep(prompts, headers = {}) {
      const body = toSweep(prompts);
      const { id } = await ask('POST', '/v1/sweeps', { body, headers });
      const isDone = async () => (await ask('GET', `/v1/sweeps/${String(id)}`))['state'] === 'completed';
      await until('the sweep ends', isDone, { timeoutMs: 60_000 });
      return String(id);
    },
  };
}

const toSweep = (prompts: number): object => ({
  name: 'traced',
  dataset: {
    prompts: Array.from({ length: prompts }, (_, index) => ({ id: `p${index}`, text: `canary-prompt ${index}` })),
  },
  conditions: ['free', 'paid'].map((tier) => ({
    id: tier,
    system: 'canary-system. Think in <SCRATCHPAD_REASONING> tags.',
    user: `<tier>${tier}</tier>\n{{prompt}}`,
  })),
  models: ['sim/sonnet35-like'],
  graders: [
    prompts > 10
      ? { id: 'rule', kind: 'regex', pattern: 'compliant', then: 'complied', else: 'refused' }
      : { id: 'judge', kind: 'judge', model: 'sim/judge-exact', rubric: 'compliance' },
  ],
});

const named = (spans: CollectedSpan[], name: string): CollectedSpan[] => spans.filter((span) => span.name === name);

/** The names from a span up to the root of its trace. */
function wayUp(spans: CollectedSpan[], span: CollectedSpan): string[] {
  const parent = spans.find(({ spanId }) => spanId === span.parentSpanId);
  // A queue has the id of its lane in its name.
  const name = span.name.replace(/lane-\S+/, 'lane');
  return [name, ...(parent ? wayUp(spans, parent) : [])];
}

for (const queue of ['Redis', 'Postgres'] as const) {
  test(
    `with its queue in ${queue}, a small sweep is one trace from the request to the last record`,
    { skip: queue === 'Redis' ? redisMissing() : false, timeout: 120_000 },
    async (t) => {
      const collector = await openCollector(t);
      const { ask, sweep, processes } = await startCluster(t, {
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
        OTEL_TRACES_SAMPLER_ARG: '0',
        ...(queue === 'Redis' ? { REDIS_URL: (await openRedis(t)).url } : {}),
      });
      // The share is 0: what is kept is kept because the caller says so.
      const traceId = '0af7651916cd43dd8448eb211c80319c';
      const id = await sweep(2, { traceparent: `00-${traceId}-b7ad6b7169203331-01` });
      await ask('GET', `/v1/sweeps/${id}/trials?text=canary-query`);
      // What ends sends what it still has.
      await Promise.all(processes.map((each) => each.kill()));

      const all = collector.spans();
      const spans = all.filter((span) => span.traceId === traceId);
      assert.equal(spans.length, all.length, 'another trace was kept');
      const [request] = named(spans, 'POST /v1/sweeps');
      assert.equal(request?.parentSpanId, 'b7ad6b7169203331');
      assert.equal(request?.attributes['http.response.status_code'], 202);
      const up = ['run trial', 'process lane', 'dispatch trial', 'handle POST /v1/sweeps', 'POST /v1/sweeps'];
      for (const [name, above] of [
        ['chat sonnet35-like', ['ask subject', ...up]],
        ['chat judge-exact', ['ask judge', ...up]],
        ['record', up],
      ] as const) {
        const found = named(spans, name);
        assert.ok(found.length >= 4, `${found.length} spans "${name}"`);
        for (const span of found) assert.deepEqual(wayUp(spans, span), [name, ...above]);
      }
      assert.ok(named(spans, 'wait for lane').length >= 8);
      assert.deepEqual(
        Object.fromEntries(
          ['POST /v1/sweeps', 'dispatch trial', 'run trial'].map((name) => [name, named(spans, name)[0]?.service]),
        ),
        {
          'POST /v1/sweeps': 'crosscheck-api',
          'dispatch trial': 'crosscheck-scheduler',
          'run trial': 'crosscheck-worker',
        },
      );
      assert.deepEqual(
        new Set(named(spans, 'run trial').map(({ attributes }) => attributes['crosscheck.sweep.id'])),
        new Set([id]),
      );

      const [chat] = named(spans, 'chat sonnet35-like');
      const {
        'gen_ai.usage.input_tokens': input,
        'gen_ai.usage.output_tokens': output,
        ...attributes
      } = chat?.attributes ?? {};
      assert.ok(Number(input) > 0 && Number(output) > 0);
      assert.deepEqual(
        Object.fromEntries(
          Object.entries(attributes).filter(([name]) => name.startsWith('gen_ai.') && !name.includes('cache')),
        ),
        {
          'gen_ai.operation.name': 'chat',
          'gen_ai.provider.name': 'anthropic',
          'gen_ai.system': 'anthropic',
          'gen_ai.request.model': 'sonnet35-like',
          'gen_ai.request.max_tokens': 2000,
          'gen_ai.response.model': 'sonnet35-like',
          'gen_ai.response.finish_reasons': ['end_turn'],
        },
      );
      for (const text of NEVER) assert.ok(!collector.raw().includes(text), `"${text}" went to the collector`);
    },
  );
}

test('a claim of a larger sweep is a trace of its own, which links to the request', { timeout: 120_000 }, async (t) => {
  const collector = await openCollector(t);
  const { sweep, processes } = await startCluster(t, {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
    OTEL_TRACES_SAMPLER_ARG: '0.25',
  });
  const id = await sweep(102, { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' });
  await Promise.all(processes.map((each) => each.kill()));

  const spans = collector.spans();
  const [request] = named(spans, 'handle POST /v1/sweeps');
  assert.ok(request);
  const dispatched = named(spans, 'dispatch trial').filter(
    ({ attributes }) => attributes['crosscheck.sweep.id'] === id,
  );
  // A quarter of 204 claims, give or take six standard deviations.
  assert.ok(dispatched.length > 13 && dispatched.length < 89, `${dispatched.length} claims were kept`);
  for (const span of dispatched) {
    assert.equal(span.parentSpanId, null);
    assert.deepEqual(span.links, [{ traceId: request.traceId, spanId: request.spanId }]);
    assert.notEqual(span.traceId, request.traceId);
  }
  const traces = new Set(dispatched.map(({ traceId }) => traceId));
  const runs = named(spans, 'run trial').filter(({ traceId }) => traces.has(traceId));
  assert.equal(runs.length, dispatched.length, 'a trace that was kept by the scheduler is kept by the worker');
});

test('a collector that is away costs spans and nothing else', { timeout: 120_000 }, async (t) => {
  const { sweep, processes, ask } = await startCluster(t, {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await freePort()}`,
    OTEL_TRACES_SAMPLER_ARG: '1',
  });
  const id = await sweep(4);
  const { progress } = (await ask('GET', `/v1/sweeps/${id}`)) as { progress: { settled: number } };
  assert.equal(progress.settled, 8);
  const isTold = () => processes.some(({ output }) => output().includes('spans are dropped'));
  await until('a service says that spans are lost', isTold, { timeoutMs: 60_000 });
  const ends = await Promise.all(processes.map((each) => each.kill()));
  assert.deepEqual(
    ends.map(({ code }) => code),
    [0, 0, 0, 0],
  );
});
