/** The product's own image against real servers in containers: what production runs, and how it is restarted and upgraded. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { restoreOldDatabase } from '../support/old-database.ts';
import { until } from '../support/until.ts';
import { type Cluster, openCluster } from './cluster.ts';
import { buildImage, docker, skipReason } from './docker.ts';

const IMAGE_BYTES_MAX = 350_000_000;
const STOP_MS = 30_000;
/** Every answer takes as long as this, so that the sweep is still under way while its workers are replaced. */
const HALF_A_SECOND = { firstTokenMs: 500, sigma: 0, tokensPerSecond: 1e9, msPerThousandInput: 0 };
const SLOW = { haiku: HALF_A_SECOND, sonnet: HALF_A_SECOND, opus: HALF_A_SECOND, fable: HALF_A_SECOND };

type Sweep = { state: string; attempts: number; progress: { settled: number; outcomes: Record<string, number> } };
type Metrics = { cells: { metric: string; n: number; estimate: number }[]; contrasts: { pairs: number }[] };

const sweepOf = (prompts: number, samples: number) => ({
  name: 'containers',
  dataset: { prompts: Array.from({ length: prompts }, (_, index) => ({ id: `p${index}`, text: `Matter ${index}` })) },
  conditions: ['free', 'paid'].map((id) => ({ id, user: `<tier>${id}</tier>\n{{prompt}}`, labels: { tier: id } })),
  models: ['sim/sonnet35-like'],
  samples,
  graders: [{ id: 'judge', kind: 'judge', model: 'sim/judge-1', rubric: 'compliance' }],
  contrasts: [{ id: 'tier', treatment: 'free', control: 'paid' }],
  seed: 7,
});

async function finish(cluster: Cluster, id: string): Promise<Sweep> {
  return until(
    'the sweep ends',
    async () => {
      const sweep = await cluster.ask<Sweep>('GET', `/v1/sweeps/${id}`);
      return sweep.state === 'completed' && sweep;
    },
    { timeoutMs: 120_000, everyMs: 200 },
  );
}

/** The image is built from nothing on a machine that never did; each step of it took a minute under load 20. */
const BUILD_MS = 400_000;
const CLUSTER_MS = 240_000;

/** Built once for both suites; a machine that cannot skips them. */
const built = skipReason ? Promise.resolve('') : buildImage();
// Who waits for it tells of its failure.
built.catch(() => {});

suite('the image', { skip: skipReason, concurrency: 3 }, () => {
  let image = '';
  before(
    async () => {
      image = await built;
    },
    { timeout: BUILD_MS },
  );

  test('is small, runs as an ordinary user, and has neither npm nor tests in it', async () => {
    const [inspected] = JSON.parse(await docker('image', 'inspect', image)) as {
      Size: number;
      Config: { User: string; Healthcheck: object };
    }[];
    assert.ok(inspected && inspected.Size < IMAGE_BYTES_MAX, `${inspected?.Size} bytes`);
    assert.equal(inspected.Config.User, '10001');
    assert.ok(inspected.Config.Healthcheck);
    const look =
      'id -u; command -v npm; find /app -path "*/test/*.test.ts" | head -3; test -w /app || echo read-only; ls /app/.compiled | wc -l; test -w /app/.compiled/* || echo compiled, read-only';
    const said = await docker('run', '--rm', '--entrypoint', 'sh', image, '-c', `${look}`);
    assert.equal(said, '10001\nread-only\n1\ncompiled, read-only');
  });

  test('refuses an unknown command with the names of those there are', async () => {
    await assert.rejects(docker('run', '--rm', image, 'apu'), /unknown command "apu": expected api, scheduler, worker/);
  });

  test('is healthy on a read-only file system, and ends cleanly as the first process of its container', async (t) => {
    const id = await docker('run', '--detach', '--read-only', '--cap-drop', 'ALL', image, 'simulator');
    t.after(() => docker('rm', '--force', id));
    await until('it is healthy', async () => (await inspect(id, '{{.State.Health.Status}}')) === 'healthy', {
      timeoutMs: 60_000,
    });
    const sinceMs = performance.now();
    await docker('stop', '--time', '10', id);
    assert.ok(performance.now() - sinceMs < 8_000, 'it waited to be killed');
    assert.equal(await inspect(id, '{{.State.ExitCode}}'), '0');
  });
});

/** One set of servers for all of it, begun on a database of an earlier build: to start one takes longer than to test on it. */
suite('the image beside real servers', { skip: skipReason }, () => {
  let cluster: Cluster;
  let workers: Awaited<ReturnType<Cluster['start']>>[] = [];
  before(
    async () => {
      cluster = await openCluster(await built);
      const { rows } = await restoreOldDatabase(cluster.databaseUrl);
      assert.equal(rows.get('trial'), 12);
      assert.equal(await cluster.migrate(), 0);
      const [, , , ...started] = await Promise.all([
        cluster.start('simulator', { config: { tenant: { latency: SLOW } } }),
        cluster.start('scheduler'),
        cluster.start('aggregator'),
        cluster.start('worker'),
        cluster.start('worker'),
        cluster.start('api'),
      ]);
      workers = started.slice(0, 2);
    },
    { timeout: BUILD_MS },
  );
  after(() => cluster?.close());

  test('upgrades a database that an earlier build left: what it holds can be read', async () => {
    const { items } = await cluster.ask<{ items: (Sweep & { id: string })[] }>('GET', '/v1/sweeps');
    assert.deepEqual(
      items.map(({ state, attempts, progress }) => ({ state, attempts, outcomes: progress.outcomes })),
      [{ state: 'completed', attempts: 24, outcomes: { complied: 5, refused: 7 } }],
    );
    const id = items[0]?.id ?? '';
    const { cells, contrasts } = await cluster.ask<Metrics>('GET', `/v1/sweeps/${id}/metrics`);
    assert.deepEqual(
      cells.map(({ n }) => n),
      [6, 6],
    );
    assert.equal(contrasts[0]?.pairs, 3);
    const trials = await cluster.ask<{ items: { id: string }[] }>('GET', `/v1/sweeps/${id}/trials`);
    const transcript = await cluster.ask<{ attempts: object[] }>('GET', `/v1/trials/${trials.items[0]?.id}`);
    assert.equal(transcript.attempts.length, 2);
  });

  test(
    'runs, grades and measures a sweep that is submitted over HTTP; workers restarted under load lose no trial',
    { timeout: CLUSTER_MS },
    async () => {
      const trials = 80 * 2 * 4;
      await cluster.ask('PUT', '/v1/lanes/sim/sonnet35-like', { maxInFlight: 4 });
      const { id } = await cluster.ask<{ id: string }>('POST', '/v1/sweeps', sweepOf(80, 4));
      for (const round of [1, 2]) {
        await until('trials are settled', async () => (await settled(cluster, id)) >= (round * trials) / 16, {
          timeoutMs: 60_000,
        });
        const replaced = [];
        for (const worker of workers) {
          await worker.stop({ timeout: STOP_MS, remove: false });
          assert.equal(await inspect(worker.getId(), '{{.State.ExitCode}}'), '0', 'a worker ended badly');
          replaced.push(await cluster.start('worker'));
        }
        workers = replaced;
      }
      assert.ok((await settled(cluster, id)) < trials, 'the restarts came too late to disturb anything');
      // Slow until here, so that the sweep outlasts the restarts also on a busy machine.
      await cluster.ask('PUT', '/v1/lanes/sim/sonnet35-like', { maxInFlight: 64 });

      const sweep = await finish(cluster, id);
      const { infra_failed: failed = 0, cancelled = 0, judge_failed: unjudged = 0 } = sweep.progress.outcomes;
      assert.deepEqual({ failed, cancelled, unjudged }, { failed: 0, cancelled: 0, unjudged: 0 });
      assert.equal(sweep.progress.settled, trials);
      const { cells, contrasts } = await cluster.ask<Metrics>('GET', `/v1/sweeps/${id}/metrics`);
      assert.equal(cells.filter(({ metric }) => metric === 'compliance_rate').length, 2);
      assert.equal(contrasts[0]?.pairs, 80);
    },
  );

  test('backs up what it measured, whole, without a file system to write to', async () => {
    const said = await cluster.backUpAndCheck();
    assert.match(said, /kept 2 sweeps with 652 trials in the pipe/);
    assert.match(said, /whole: 2 sweeps with 652 trials/);
  });
});

const inspect = (id: string, format: string): Promise<string> => docker('inspect', '--format', format, id);

async function settled(cluster: Cluster, id: string): Promise<number> {
  return (await cluster.ask<Sweep>('GET', `/v1/sweeps/${id}`)).progress.settled;
}
