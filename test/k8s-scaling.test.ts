/** infra/k8s: that workers follow the right number, and that Prometheus finds every process under the name that the alerts know. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suite, test } from 'node:test';
import { stringify } from 'yaml';
import {
  buildOverlay,
  kustomizeMissing,
  type Manifest,
  ours,
  read,
  readManifests,
  SERVICES,
  type Selector,
  selects,
} from './support/manifests.ts';
import { readMetricsPage } from './support/metrics-page.ts';

const withPromtool = {
  skip:
    spawnSync('promtool', ['--version']).status !== 0 &&
    'promtool is not installed (package prometheus of Debian has it)',
};

function queryOf(scaled: Manifest | undefined): string {
  const triggers = scaled?.spec?.['triggers'] as { type: string; metadata: { query?: string } }[] | undefined;
  return triggers?.find(({ type }) => type === 'prometheus')?.metadata.query ?? '';
}

suite('scaling and scraping in Kubernetes', () => {
  test(
    'KEDA asks for metrics that there are, and nobody else says how many workers there are',
    { skip: kustomizeMissing() },
    () => {
      const all = buildOverlay('infra/k8s/overlays/production');
      const [scaled] = all.filter(({ kind }) => kind === 'ScaledObject');
      const target = (scaled?.spec?.['scaleTargetRef'] as { name: string } | undefined)?.name ?? '';
      const asked = Array.from(queryOf(scaled).matchAll(/crosscheck_\w+/g), ([name]) => name);
      const documented = new Set(readMetricsPage().metrics.map(({ name }) => name));
      assert.ok(asked.length > 0);
      assert.deepEqual(
        asked.filter((name) => !documented.has(name)),
        [],
      );
      for (const name of [target, 'api']) {
        const deployment = all.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === name);
        assert.ok(deployment && !('replicas' in (deployment.spec ?? {})), name);
      }
    },
  );

  test('what KEDA asks for is the work on open lanes, once however many api processes show it', withPromtool, (t) => {
    const [scaled] = readManifests('infra/k8s/components/keda/workers.yaml');
    const series = (name: string, values: string) => ({ series: name, values });
    const promql = (input_series: object[], value: number) => ({
      interval: '1m',
      input_series,
      promql_expr_test: [{ expr: queryOf(scaled), eval_time: '5m', exp_samples: [{ labels: '{}', value }] }],
    });
    const tests = [
      promql(
        ['a', 'b'].flatMap((instance) => [
          series(`crosscheck_lane_trials{lane="x/open",state="queued",instance="${instance}"}`, '300x10'),
          series(`crosscheck_lane_trials{lane="x/open",state="planned",instance="${instance}"}`, '90000x10'),
          series(`crosscheck_lane_trials{lane="x/paused",state="queued",instance="${instance}"}`, '70x10'),
          series(`crosscheck_lane_paused{lane="x/open",instance="${instance}"}`, '0x10'),
          series(`crosscheck_lane_paused{lane="x/paused",instance="${instance}"}`, '1x10'),
        ]),
        300,
      ),
      promql([], 0),
    ];
    const folder = mkdtempSync(path.join(tmpdir(), 'crosscheck-keda-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const file = path.join(folder, 'keda.test.yml');
    writeFileSync(file, stringify({ evaluation_interval: '1m', tests }));
    const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', file], { encoding: 'utf8' });
    assert.equal(status, 0, `${stdout}${stderr}`);
  });

  test(
    'PodMonitor names the ports of our pods, and gives processes the names that the alerts know',
    { skip: kustomizeMissing() },
    () => {
      const all = buildOverlay('infra/k8s/overlays/production');
      type Endpoint = { port: string; path: string; relabelings: { targetLabel: string; replacement: string }[] };
      const [monitor] = all.filter(({ kind }) => kind === 'PodMonitor');
      const endpoints = monitor?.spec?.['podMetricsEndpoints'] as Endpoint[];
      const services = ours(all).filter(({ owner }) => SERVICES.includes(owner.metadata.name));
      const ports = new Set(services.flatMap(({ container }) => container.ports ?? []).map(({ name }) => name));
      assert.deepEqual(new Set(endpoints.map(({ port }) => port)), ports);
      for (const { relabelings } of endpoints)
        assert.deepEqual(
          relabelings.map(({ targetLabel, replacement }) => [targetLabel, replacement]),
          [['job', 'crosscheck-$1']],
        );
      assert.match(read('infra/prometheus/rules.yml'), /job=~"crosscheck-\.\*"/);
      for (const { pod } of services) assert.ok(selects(monitor?.spec?.['selector'] as Selector, pod.metadata.labels));
    },
  );
});
