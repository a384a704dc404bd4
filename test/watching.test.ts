/** The alerts and the dashboards: that they parse, that they ask for metrics that exist, and that somebody knows what to do. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suite, test } from 'node:test';
import { parse, stringify } from 'yaml';
import { readMetricsPage } from './support/metrics-page.ts';

const ROOT = path.resolve(import.meta.dirname, '..');
const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');

type Rules = { groups: { rules: { alert: string; expr: string; annotations: { summary: string } }[] }[] };
type RuleTests = { tests: { alert_rule_test: { alertname: string; exp_alerts: object[] }[] }[] };
type Dashboard = {
  uid: string;
  title: string;
  panels: { title: string; datasource: { uid: string }; targets: { expr: string }[] }[];
};

const alerts = (parse(read('infra/prometheus/rules.yml')) as Rules).groups.flatMap(({ rules }) => rules);
const dashboards = globSync('infra/grafana/dashboards/*.json', { cwd: ROOT }).map(
  (file) => JSON.parse(read(file)) as Dashboard,
);
const expressions = [
  ...alerts.map(({ alert, expr }) => ({ where: alert, expr })),
  ...dashboards.flatMap(({ uid, panels }) =>
    panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ where: `${uid}: ${title}`, expr }))),
  ),
];

function promtool(...args: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: ROOT, encoding: 'utf8' });
  return { status, output: `${stdout}${stderr}` };
}
const withPromtool = {
  skip: promtool('--version').status === null && 'promtool is not installed (package prometheus of Debian has it)',
};

suite('alerts', () => {
  test('each fires in one case and stays quiet in another', withPromtool, () => {
    const { status, output } = promtool('test', 'rules', 'infra/prometheus/rules.test.yml');
    assert.equal(status, 0, output);
  });

  test('each has a case in which it fires and one in which it does not', () => {
    const { tests } = parse(read('infra/prometheus/rules.test.yml')) as RuleTests;
    const cases = tests.flatMap((each) => each.alert_rule_test);
    const covered = (fires: boolean) =>
      cases.filter(({ exp_alerts: expected }) => expected.length > 0 === fires).map(({ alertname }) => alertname);
    const names = alerts.map(({ alert }) => alert).toSorted();
    assert.deepEqual([...new Set(covered(true))].toSorted(), names);
    assert.deepEqual([...new Set(covered(false))].toSorted(), names);
  });

  test('each has its line in the runbook, and the runbook has no other', () => {
    const section = /\n## Alerts\n(.*?)(?:\n## |$)/s.exec(read('docs/operations.md'))?.[1] ?? '';
    const lines = Array.from(section.matchAll(/^\| `(\w+)` \|/gm), ([, name = '']) => name);
    assert.deepEqual(lines.toSorted(), alerts.map(({ alert }) => alert).toSorted());
  });

  test('the configuration of Prometheus is valid', withPromtool, () => {
    const { status, output } = promtool('check', 'config', 'infra/prometheus/prometheus.yml');
    assert.equal(status, 0, output);
  });
});

suite('dashboards and alerts', () => {
  test('every expression is one that Prometheus can read', withPromtool, (t) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'crosscheck-rules-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const rules = expressions.map(({ expr }, index) => ({ record: `n${index}`, expr: expr.replaceAll('$lane', '.*') }));
    writeFileSync(path.join(folder, 'rules.yml'), stringify({ groups: [{ name: 'all', rules }] }));
    const { status, output } = promtool('check', 'rules', path.join(folder, 'rules.yml'));
    assert.equal(status, 0, output);
  });

  test('every expression asks for metrics and labels that the page on metrics names', () => {
    const page = readMetricsPage();
    const known = new Map(page.metrics.map((metric) => [metric.name, metric]));
    const nodes = new Set(page.nodeMetrics);
    const wrong = expressions.flatMap(({ where, expr }) =>
      Array.from(
        expr.matchAll(/\b((?:crosscheck|nodejs|process)_\w+)(?:\{(.*?)\})?/g),
        ([, name = '', matchers = '']) => {
          const metric = known.get(name) ?? known.get(name.replace(/_(?:bucket|sum|count)$/, ''));
          if (!metric) return nodes.has(name) ? [] : [`${where}: ${name}`];
          const labels = Array.from(matchers.matchAll(/(\w+)(?:=~|!~|!=|=)"/g), ([, label = '']) => label);
          return labels.filter((label) => !metric.labels.includes(label)).map((label) => `${where}: ${name}{${label}}`);
        },
      ).flat(),
    );
    assert.deepEqual(wrong, []);
    assert.ok(expressions.length > 50);
  });

  test('dashboards have names of their own and ask the data source that is provisioned', () => {
    const { datasources } = parse(read('infra/grafana/provisioning/datasources/prometheus.yml')) as {
      datasources: { uid: string }[];
    };
    assert.equal(new Set(dashboards.map(({ uid }) => uid)).size, 4);
    const asked = new Set(dashboards.flatMap(({ panels }) => panels.map(({ datasource }) => datasource.uid)));
    assert.deepEqual([...asked], [datasources[0]?.uid]);
  });
});
