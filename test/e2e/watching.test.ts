/** docs/metrics.md against what the processes really show. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { startSimulator } from '../../services/simulator/src/app.ts';
import { readMetricsPage } from '../support/metrics-page.ts';
import { freePort } from '../support/ports.ts';
import { openDatabase } from '../support/postgres.ts';
import { startProcess } from '../support/processes.ts';
import { until } from '../support/until.ts';

const KEY = 'an-admin-key-of-tests';
const SERVICES = ['api', 'scheduler', 'worker', 'aggregator'] as const;

const ADDED_LABELS = new Set(['service', 'le']);

/** `labels` without those that the library or Prometheus adds. */
type Shown = { name: string; type: string; labels: string[]; services: string[] };

/** Starts every service as production does, runs one sweep, and answers what each shows under /metrics. */
async function scrapeAll(t: TestContext): Promise<Map<string, string>> {
  const { url: databaseUrl } = await openDatabase(t);
  const simulator = await startSimulator({ port: 0, controlPort: 0 });
  t.after(() => simulator.close());
  const ports = new Map<string, number>();
  for (const service of SERVICES) {
    const port = await freePort();
    ports.set(service, port);
    const env = {
      DATABASE_URL: databaseUrl,
      CROSSCHECK_ADMIN_KEY: KEY,
      CROSSCHECK_SIMULATOR_URL: simulator.url,
      [service === 'api' ? 'CROSSCHECK_PORT' : 'CROSSCHECK_METRICS_PORT']: String(port),
      LOG_LEVEL: 'error',
    };
    await startProcess(t, { file: `services/${service}/src/main.ts`, env });
  }
  await runSweep(`http://127.0.0.1:${ports.get('api')}`);
  const read = async (port?: number) => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return new Map(
    await Promise.all(SERVICES.map(async (service) => [service, await read(ports.get(service))] as const)),
  );
}

async function runSweep(url: string): Promise<void> {
  const ask = async (method: string, route: string, body?: object) => {
    const headers = { authorization: `Bearer ${KEY}`, ...(body ? { 'content-type': 'application/json' } : {}) };
    const response = await fetch(`${url}${route}`, {
      method,
      headers,
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    assert.ok(response.ok, await response.clone().text());
    return (await response.json()) as Record<string, unknown>;
  };
  const { items } = (await ask('GET', '/v1/teams')) as { items: { id: string }[] };
  await ask('PUT', `/v1/teams/${items[0]?.id}`, { monthlyBudgetUsd: 100 });
  const { id } = await ask('POST', '/v1/sweeps', {
    name: 'watched',
    dataset: { prompts: [{ id: 'p1', text: 'one' }] },
    conditions: [{ id: 'free', user: '<tier>free</tier>\n{{prompt}}' }],
    models: ['sim/sonnet35-like'],
    graders: [{ id: 'judge', kind: 'judge', model: 'sim/judge-1', rubric: 'compliance' }],
  });
  await until('the sweep ends', async () => (await ask('GET', `/v1/sweeps/${String(id)}`))['state'] === 'completed');
  // What is counted in Postgres is read every five seconds at most: the first scrape of a process is fresh.
}

function parse(texts: Map<string, string>): Shown[] {
  const shown = new Map<string, Shown>();
  for (const [service, text] of texts) {
    for (const [, name = '', type = ''] of text.matchAll(/^# TYPE (crosscheck_\S+) (\S+)$/gm)) {
      const entry = shown.get(name) ?? { name, type, labels: [], services: [] };
      const samples = text.matchAll(new RegExp(`^${name}(?:_bucket|_sum|_count)?\\{(.*?)\\} `, 'gm'));
      const labels = [...samples].flatMap(([, all = '']) =>
        Array.from(all.matchAll(/(\w+)="/g), ([, label = '']) => label),
      );
      entry.labels = [...new Set([...entry.labels, ...labels])].filter((label) => !ADDED_LABELS.has(label));
      entry.services.push(service);
      shown.set(name, entry);
    }
  }
  return [...shown.values()];
}

test('the page on metrics lists what the processes show, with types, labels and services, and nothing else', async (t) => {
  const texts = await scrapeAll(t);
  const page = readMetricsPage();
  const shown = parse(texts);
  const withLabels = new Set(shown.filter(({ labels }) => labels.length > 0).map(({ name }) => name));
  // A counter that has counted nothing yet shows no labels.
  const comparable = ({ name, type, labels, services }: Shown) =>
    `${name} ${type} {${withLabels.has(name) ? labels.toSorted().join() : ''}} ${services.toSorted().join()}`;
  assert.deepEqual(shown.map(comparable).toSorted(), page.metrics.map(comparable).toSorted());
  assert.ok(withLabels.size >= 15, 'the sweep moved too little to compare labels');

  const all = [...texts.values()].join('\n');
  assert.deepEqual(
    page.nodeMetrics.filter((name) => !all.includes(`# TYPE ${name} `)),
    [],
  );
  // A label whose values are ids would grow with every sweep.
  assert.doesNotMatch(all, /="[^"]*[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}/);
  const others = Array.from(all.matchAll(/^# TYPE (\S+)/gm), ([, name = '']) => name);
  assert.deepEqual(
    others.filter((name) => !/^(crosscheck|nodejs|process)_/.test(name)),
    [],
  );
});
