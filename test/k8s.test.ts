/** infra/k8s: that Kubernetes would take it, and that what it says of our processes is so. */
import assert from 'node:assert/strict';
import { globSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suite, test } from 'node:test';
import { readConfig } from '@crosscheck/runtime';
import { stringify } from 'yaml';
import {
  buildOverlay,
  type Container,
  findFaults,
  kustomizeMissing,
  type Manifest,
  ours,
  podsOf,
  read,
  readManifests,
  SERVICES,
  type Selector,
  selects,
} from './support/manifests.ts';

const ROOT = path.resolve(import.meta.dirname, '..');
const OVERLAYS = ['small', 'production'];
/** Without a schema here; their fields are looked at below. */
const FOREIGN = new Set(['PodMonitor']);

const bases = globSync('infra/k8s/base/*.yaml', { cwd: ROOT })
  .filter((file) => !file.endsWith('kustomization.yaml'))
  .flatMap(readManifests);

/** What the environment of a pod of ours holds, values that are known here included. */
function environmentOf(container: Container, manifests: Manifest[]): Map<string, string | null> {
  const maps = (container.envFrom ?? []).flatMap(({ configMapRef }) =>
    Object.entries(
      manifests.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === configMapRef?.name)?.data ?? {},
    ),
  );
  const own = (container.env ?? []).map(({ name, value }) => [name, value ?? null] as const);
  return new Map<string, string | null>([...maps, ...own]);
}

suite('manifests of Kubernetes', () => {
  test('the check finds a field that the schema does not know, and one that is missing', async () => {
    const [deployment] = structuredClone(bases.filter(({ kind }) => kind === 'Deployment'));
    const { container } = podsOf([deployment as Manifest])[0] ?? {};
    Object.assign(container ?? {}, { readinesProbe: {} });
    assert.deepEqual(await findFaults(deployment as Manifest), ['/spec/template/spec/containers/0/readinesProbe']);
    delete deployment?.spec?.['selector'];
    assert.match(String(await findFaults(deployment as Manifest)), /selector/);
  });

  test('of the base are what the schemas of their kinds want', async () => {
    for (const manifest of bases)
      assert.deepEqual(await findFaults(manifest), [], `${manifest.kind} ${manifest.metadata.name}`);
    assert.ok(bases.length >= 18, `${bases.length} objects`);
  });

  for (const overlay of OVERLAYS) {
    test(`of the overlay ${overlay} come together to what the schemas want`, { skip: kustomizeMissing() }, async () => {
      for (const manifest of buildOverlay(`infra/k8s/overlays/${overlay}`)) {
        const { kind, metadata } = manifest;
        const expected = FOREIGN.has(kind) ? null : [];
        assert.deepEqual(await findFaults(manifest), expected, `${kind} ${metadata.name}`);
        const { namespace } = metadata as { namespace?: string };
        assert.equal(namespace, kind === 'Namespace' ? undefined : 'crosscheck', `${kind} ${metadata.name}`);
      }
    });
  }

  test(
    'traces are switched on by a component, with variables that the configuration knows',
    { skip: kustomizeMissing() },
    async (t) => {
      const folder = mkdtempSync(path.join(tmpdir(), 'crosscheck-k8s-'));
      t.after(() => rmSync(folder, { recursive: true }));
      const at = (name: string) => path.relative(realpathSync(folder), path.join(ROOT, 'infra/k8s', name));
      const kustomization = { resources: [at('overlays/production')], components: [at('components/tracing')] };
      writeFileSync(path.join(folder, 'kustomization.yaml'), stringify(kustomization));
      const all = buildOverlay(folder);
      for (const manifest of all.filter(({ kind }) => !FOREIGN.has(kind)))
        assert.deepEqual(await findFaults(manifest), []);
      const [worker] = ours(all).filter(({ owner }) => owner.metadata.name === 'worker');
      const environment = worker && environmentOf(worker.container, all);
      const { tracesEndpoint, tracesRatio } = readConfig(
        Object.fromEntries([...(environment ?? [])].map(([name, value]) => [name, value ?? ''])),
      );
      assert.deepEqual([tracesEndpoint, tracesRatio], ['http://collector.observability.svc:4318', 0.05]);
    },
  );

  for (const [where, manifests] of [
    ['base', () => bases],
    ...OVERLAYS.map((overlay) => [overlay, () => buildOverlay(`infra/k8s/overlays/${overlay}`)] as const),
  ] as const) {
    const options = where === 'base' ? {} : { skip: kustomizeMissing() };

    test(`${where}: run commands of the image, with variables that the configuration knows`, options, () => {
      const commands = new Set(
        Array.from(read('infra/image/crosscheck.sh').matchAll(/^ {2}([a-z |]+)\)/gm), ([, words = '']) =>
          words.split(' | '),
        ).flat(),
      );
      const known = new Set(
        Array.from(read('packages/runtime/src/config.ts').matchAll(/env, '([A-Z_]+)'/g), ([, name]) => name),
      );
      known.add('CROSSCHECK_ADMIN_KEY');
      const all = manifests();
      for (const { owner, container } of ours(all)) {
        assert.deepEqual(container.args, [owner.metadata.name]);
        assert.ok(commands.has(owner.metadata.name), owner.metadata.name);
        const names = [...environmentOf(container, all).keys()];
        assert.deepEqual(
          names.filter((name) => !known.has(name)),
          [],
          owner.metadata.name,
        );
        assert.equal(names.includes('DATABASE_URL'), owner.metadata.name !== 'simulator');
      }
      assert.ok(SERVICES.every((service) => ours(all).some(({ owner }) => owner.metadata.name === service)));
    });

    test(`${where}: probes and scrapers ask ports and paths that there are`, options, () => {
      const image = read('Dockerfile');
      const ports: Record<string, string> = { api: 'CROSSCHECK_PORT', simulator: '' };
      for (const { owner, pod, container } of ours(manifests()).filter(
        ({ owner: { kind } }) => kind === 'Deployment',
      )) {
        const [port] = container.ports ?? [];
        const variable = ports[owner.metadata.name] ?? 'CROSSCHECK_METRICS_PORT';
        assert.ok(
          port && new RegExp(`${variable}=${port.containerPort}\\b|EXPOSE .*\\b${port.containerPort}\\b`).test(image),
        );
        for (const probe of [container.startupProbe, container.livenessProbe, container.readinessProbe]) {
          if (owner.metadata.name === 'simulator' && !probe) continue;
          assert.equal(probe?.httpGet?.port, port.name);
          assert.match(probe?.httpGet?.path ?? '', /^\/(healthz|readyz)$/);
        }
        const { 'prometheus.io/port': scraped, 'prometheus.io/path': page } = pod.metadata.annotations ?? {};
        if (owner.metadata.name !== 'simulator')
          assert.deepEqual([scraped, page], [String(port.containerPort), '/metrics']);
      }
    });

    test(`${where}: whatever selects pods selects some, by labels that they have`, options, () => {
      const all = manifests();
      const pods = podsOf(all).map(({ pod }) => pod.metadata.labels);
      for (const { kind, metadata, spec } of all) {
        const own = spec?.['selector'] as Selector | Record<string, string> | undefined;
        const selector = (
          kind === 'Service' ? { matchLabels: own } : kind === 'NetworkPolicy' ? spec?.['podSelector'] : own
        ) as Selector | undefined;
        if (!selector) continue;
        const found = pods.filter((labels) => selects(selector, labels));
        assert.ok(found.length > 0, `${kind} ${metadata.name} selects nothing`);
        for (const { values } of selector.matchExpressions ?? [])
          for (const value of values)
            assert.ok(
              pods.some((labels) => Object.values(labels).includes(value)),
              value,
            );
        if (['Deployment', 'StatefulSet', 'PodDisruptionBudget', 'Service'].includes(kind))
          assert.equal(found.length, 1, metadata.name);
      }
    });

    test(`${where}: every port that a policy opens is one that somebody listens at`, options, () => {
      const all = manifests();
      const listened = new Set<unknown>([53, 443, 4318, 5432, 6379]);
      for (const { container } of podsOf(all))
        for (const { name, containerPort } of container.ports ?? []) listened.add(name).add(containerPort);
      type Rule = { ports?: { port: unknown }[] };
      const policies = all.filter(({ kind }) => kind === 'NetworkPolicy');
      const rules = policies.flatMap(({ spec }) => [
        ...((spec?.['ingress'] ?? []) as Rule[]),
        ...((spec?.['egress'] ?? []) as Rule[]),
      ]);
      assert.deepEqual(
        rules.flatMap(({ ports = [] }) => ports).filter(({ port }) => !listened.has(port)),
        [],
      );
      const closed = policies.find(({ metadata }) => metadata.name === 'nothing')?.spec;
      assert.deepEqual(closed, { podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
    });

    test(`${where}: no pod runs as root, writes to its image or gains rights`, options, () => {
      for (const { owner, pod, container } of podsOf(manifests())) {
        assert.equal(pod.spec.securityContext['runAsNonRoot'], true, owner.metadata.name);
        assert.deepEqual(pod.spec.securityContext['seccompProfile'], { type: 'RuntimeDefault' });
        assert.deepEqual(container.securityContext, {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        assert.ok(container.resources.requests['cpu'] && container.resources.limits['memory'], owner.metadata.name);
        assert.ok(container.volumeMounts.some(({ mountPath }) => mountPath === '/tmp'));
      }
    });

    test(`${where}: a pod is given longer to end than its process takes`, options, () => {
      const all = manifests();
      for (const { owner, pod, container } of ours(all)) {
        if (!SERVICES.includes(owner.metadata.name)) continue;
        const graceMs = Number(environmentOf(container, all).get('CROSSCHECK_GRACE_MS'));
        const givenMs = Number(pod.spec.terminationGracePeriodSeconds) * 1_000;
        assert.ok(
          givenMs >= graceMs + 5_000 && givenMs <= graceMs + 30_000,
          `${owner.metadata.name}: ${givenMs} for ${graceMs}`,
        );
      }
    });

    test(`${where}: secrets are named and never said`, options, () => {
      const all = manifests();
      assert.ok(!all.some(({ kind }) => kind === 'Secret'));
      for (const { container } of podsOf(all))
        for (const { name, value } of container.env ?? [])
          assert.ok(value === undefined || !/URL|KEY|PASSWORD|TOKEN/.test(name), name);
      const keys = podsOf(all).flatMap(({ container }) =>
        (container.env ?? []).flatMap(({ valueFrom }) => valueFrom?.secretKeyRef ?? []),
      );
      const page = read('docs/operations.md');
      for (const { name, key } of keys)
        assert.ok(name === 'crosscheck' && page.includes(`--from-literal=${key}=`), key);
    });
  }
});
