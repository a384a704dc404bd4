import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  type Backend,
  backendsHere,
  type BenchStack,
  constantLatency,
  loadNow,
  openBenchStack,
  printTable,
  runSweep,
} from '../bench-support.ts';

const LATENCY_MS = 200;
const IN_FLIGHT = 64;
const TRIALS = 1_000;
const TARGET_S: Record<Backend, number> = { embedded: 8, redis: 6 };

const SWEEP = {
  name: 'pipeline',
  dataset: {
    prompts: Array.from({ length: TRIALS / 2 }, (_, index) => ({ id: `p${index}`, text: `question number ${index}` })),
  },
  conditions: [
    { id: 'a', user: '<tier>free</tier>\n{{prompt}}' },
    { id: 'b', user: '<tier>paid</tier>\n{{prompt}}' },
  ],
  models: ['sim/no-effect'],
  graders: [
    { id: 'first', kind: 'regex', pattern: 'compliant', then: 'complied', else: 'refused' },
    { id: 'second', kind: 'regex', pattern: 'refus', then: 'refused', else: 'complied' },
  ],
  contrasts: [{ treatment: 'a', control: 'b' }],
};

/**
 * The main job, measured: running time of 1,000 trials against a model that takes 200 ms with 64 in flight (the ideal is 3.2 s), a
 * 20,000-prompt dataset, and with `--demo` the demo from a bare clone and once more.
 */
export async function run(args: string[]): Promise<void> {
  const rows = [['what', 'measured', 'ideal', 'ratio', 'target', 'when']];
  for (const backend of backendsHere()) {
    await using bench = await openBenchStack(backend, {
      simulator: { tenant: { latency: constantLatency(LATENCY_MS) } },
    });
    rows.push(await measureSweep(backend, bench));
    if (backend === 'embedded') rows.push(await measureDataset(bench));
  }
  if (args.includes('--demo')) rows.push(...measureDemo());
  printTable(rows);
}

async function measureSweep(backend: Backend, { api }: BenchStack): Promise<string[]> {
  await api('PUT', '/v1/lanes/sim/no-effect', { maxInFlight: IN_FLIGHT });
  // Warm: the second of two sweeps is measured, as a server that has been up for a while would run it.
  await runSweep(api, { ...SWEEP, name: 'warm-up', seed: 1 });
  const { sweep, runningMs } = await runSweep(api, SWEEP);
  if (sweep.progress.settled !== TRIALS) throw new Error(`${sweep.progress.settled} of ${TRIALS} settled`);
  const idealS = (TRIALS / IN_FLIGHT) * (LATENCY_MS / 1_000);
  return [
    `${TRIALS} trials, ${LATENCY_MS} ms, ${IN_FLIGHT} in flight, ${backend}`,
    `${(runningMs / 1_000).toFixed(2)} s`,
    `${idealS.toFixed(2)} s`,
    (runningMs / 1_000 / idealS).toFixed(2),
    `< ${TARGET_S[backend]} s`,
    loadNow(),
  ];
}

async function measureDataset({ stack }: BenchStack): Promise<string[]> {
  const lines = Array.from({ length: 20_000 }, (_, index) =>
    JSON.stringify({ id: `p${index}`, text: `question number ${index} `.repeat(20) }),
  );
  const startedMs = performance.now();
  const response = await fetch(`${stack.url}/v1/datasets?name=bench`, {
    method: 'POST',
    headers: { authorization: `Bearer ${stack.adminKey}`, 'content-type': 'application/x-ndjson' },
    body: lines.join('\n'),
  });
  const seconds = (performance.now() - startedMs) / 1_000;
  if (!response.ok) throw new Error(await response.text());
  return ['20,000 prompts as NDJSON (9 MB)', `${seconds.toFixed(2)} s`, '', '', '< 1 s', loadNow()];
}

/** In a clone of HEAD without node_modules, and again in the same clone. */
function measureDemo(): string[][] {
  const folder = mkdtempSync(path.join(tmpdir(), 'crosscheck-clone-'));
  try {
    spawnSync('git', ['clone', '--quiet', path.resolve(import.meta.dirname, '../..'), folder], { stdio: 'inherit' });
    return [
      ['demo from a bare clone', 180],
      ['the second demo', 45],
    ].map(([what, targetS]) => {
      const startedMs = performance.now();
      const { status } = spawnSync('npm', ['run', 'demo', '--', '--json'], {
        cwd: folder,
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      if (status !== 0) throw new Error(`the demo ended with ${status}`);
      return [
        String(what),
        `${((performance.now() - startedMs) / 1_000).toFixed(1)} s`,
        '',
        '',
        `< ${targetS} s`,
        loadNow(),
      ];
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
