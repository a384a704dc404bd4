import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';

const ROOT = path.resolve(import.meta.dirname, '../..');

/** An object of Kubernetes as YAML says it. */
export type Manifest = {
  apiVersion: string;
  kind: string;
  metadata: { name: string; labels?: Record<string, string> };
  spec?: Record<string, unknown>;
  data?: Record<string, string>;
};

/** A file of the repository. */
export const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');

/** The objects of one file. */
export const readManifests = (file: string): Manifest[] => toManifests(read(file));

const BUILDERS: [command: string, ...args: string[]][] = [
  ['kubectl', 'kustomize'],
  ['kustomize', 'build'],
];

/** Why nothing here can put overlays together; false when something can. */
export function kustomizeMissing(): string | false {
  return findBuilder() ? false : 'neither kubectl nor kustomize is installed';
}

/** What an overlay comes to. @throws with the words of kustomize when it cannot be put together */
export function buildOverlay(folder: string): Manifest[] {
  const [command = '', ...args] = findBuilder() ?? [];
  const { status, stdout, stderr } = spawnSync(command, [...args, folder], { cwd: ROOT, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${folder}: ${stderr}`);
  return toManifests(stdout);
}

function findBuilder() {
  return BUILDERS.find(([command]) => spawnSync(command, ['--help'], { stdio: 'ignore' }).status === 0);
}

function toManifests(text: string): Manifest[] {
  return parseAllDocuments(text).map((document) => document.toJS() as Manifest);
}

type Models = Record<string, { prototype: { validate: (this: unknown) => void } }>;

/**
 * What the schema of its kind says against an object: what is missing or of a wrong type, and fields that the schema does not know. Empty when
 * there is nothing; null when there is no schema of its kind here.
 */
export async function findFaults(manifest: Manifest): Promise<string[] | null> {
  const Model = ((await MODELS[manifest.apiVersion]?.()) as Models | undefined)?.[manifest.kind];
  if (!Model) return null;
  const seen = new Set<string>();
  try {
    // Not of an instance: its constructor copies, and would have read everything.
    Model.prototype.validate.call(watched(manifest, '', seen));
  } catch (error) {
    return [(error as Error).message];
  }
  return pathsOf(manifest, '').filter((each) => !seen.has(each));
}

/** The schemas that we need, by the `apiVersion` that they are of. */
const MODELS: Record<string, () => Promise<object>> = {
  v1: () => import('kubernetes-models/v1'),
  'apps/v1': () => import('kubernetes-models/apps/v1'),
  'autoscaling/v2': () => import('kubernetes-models/autoscaling/v2'),
  'batch/v1': () => import('kubernetes-models/batch/v1'),
  'networking.k8s.io/v1': () => import('kubernetes-models/networking.k8s.io/v1'),
  'policy/v1': () => import('kubernetes-models/policy/v1'),
  'keda.sh/v1alpha1': () => import('@kubernetes-models/keda/keda.sh/v1alpha1'),
};

/**
 * The same object, noting what of it is read. A compiled schema reads the fields that it knows, and runs through maps: what it never touched,
 * it does not know. The schemas themselves allow any further field, so a misspelled probe would pass.
 */
function watched<Value>(value: Value, at: string, seen: Set<string>): Value {
  if (typeof value !== 'object' || value === null) return value;
  return new Proxy(value, {
    get(target, key) {
      const inner = (target as Record<string | symbol, unknown>)[key];
      if (typeof key === 'symbol') return inner;
      seen.add(`${at}/${key}`);
      return watched(inner, `${at}/${key}`, seen);
    },
  });
}

function pathsOf(value: unknown, at: string): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [`${at}/${key}`, ...pathsOf(inner, `${at}/${key}`)]);
}

type EnvVar = { name: string; value?: string; valueFrom?: { secretKeyRef: { name: string; key: string } } };
type Probe = { httpGet?: { path: string; port: string | number } };
export type Container = {
  name: string;
  image: string;
  args?: string[];
  command?: string[];
  ports?: { name: string; containerPort: number }[];
  env?: EnvVar[];
  envFrom?: { configMapRef?: { name: string }; secretRef?: { name: string } }[];
  startupProbe?: Probe;
  livenessProbe?: Probe;
  readinessProbe?: Probe;
  resources: { requests: Record<string, string>; limits: Record<string, string> };
  securityContext: Record<string, unknown>;
  volumeMounts: { name: string; mountPath: string }[];
};
type Pod = {
  metadata: { labels: Record<string, string>; annotations?: Record<string, string> };
  spec: { containers: Container[]; securityContext: Record<string, unknown>; terminationGracePeriodSeconds?: number };
};
export type Selector = {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key: string; operator: string; values: string[] }[];
};

/** Every pod that some objects make, by the name of what makes it. */
export function podsOf(manifests: Manifest[]): { owner: Manifest; pod: Pod; container: Container }[] {
  return manifests
    .filter(({ kind }) => ['Deployment', 'StatefulSet', 'Job'].includes(kind))
    .map((owner) => {
      const pod = owner.spec?.['template'] as Pod;
      return { owner, pod, container: pod.spec.containers[0] as Container };
    });
}

/** Those that run our image: it is told by its arguments what it is. */
export const ours = (manifests: Manifest[]) =>
  podsOf(manifests).filter(({ container }) => container.args !== undefined);

export function selects(
  { matchLabels = {}, matchExpressions = [] }: Selector,
  labels: Record<string, string>,
): boolean {
  return (
    Object.entries(matchLabels).every(([name, value]) => labels[name] === value) &&
    matchExpressions.every(({ key, values }) => values.includes(labels[key] ?? ''))
  );
}

/** Those that production runs. */
export const SERVICES = ['api', 'scheduler', 'worker', 'aggregator'];
