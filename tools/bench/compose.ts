import { execFile, spawnSync } from 'node:child_process';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort, loadNow, makeApi, printTable, runSweep } from '../bench-support.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const TARGET_S = 60;
const execute = promisify(execFile);

/** `docker compose` where it is installed, else docker-compose 1.29; null where neither is. */
function findCompose(): string[] | null {
  const works = (command: string[]) => spawnSync(command[0] as string, [...command.slice(1), 'version']).status === 0;
  const known = [['docker', 'compose'], ['docker-compose']];
  return known.find(works) ?? null;
}

const SWEEP = {
  name: 'first',
  dataset: { prompts: Array.from({ length: 20 }, (_, index) => ({ id: `p${index}`, text: `Matter ${index}` })) },
  conditions: ['free', 'paid'].map((id) => ({ id, user: `<tier>${id}</tier>\n{{prompt}}` })),
  models: ['sim/sonnet35-like'],
  graders: [{ id: 'judge', kind: 'judge', model: 'sim/judge-1', rubric: 'compliance' }],
  contrasts: [{ id: 'tier', treatment: 'free', control: 'paid' }],
};

/**
 * From `up` with nothing running, no volumes, and images that are there, to the metrics of a first finished sweep (40 trials with a judge).
 * Everything is taken down afterwards, volumes too. The image is built before, outside of the time.
 */
export async function run(): Promise<void> {
  const compose = findCompose();
  if (!compose) throw new Error('neither docker compose nor docker-compose is installed');
  const { upS, readyS, sweepS } = await measure(compose);
  const show = (seconds: number) => `${seconds.toFixed(1)} s`;
  console.log(`\n${compose.join(' ')}, ${loadNow()}, target ${TARGET_S} s: ${sweepS <= TARGET_S ? 'met' : 'MISSED'}`);
  printTable([
    ['since up', 'what'],
    [show(upS), 'up has returned'],
    [show(readyS), '/readyz says 200'],
    [show(sweepS), 'the first sweep is completed'],
  ]);
  if (sweepS > TARGET_S) process.exitCode = 1;
}

async function measure(compose: string[]): Promise<{ upS: number; readyS: number; sweepS: number }> {
  const port = await freePort();
  const env = { ...process.env, CROSSCHECK_PORT: String(port), CROSSCHECK_ADMIN_KEY: 'a-key-for-one-measurement' };
  const [command, ...head] = [...compose, '--project-name', `crosscheck-bench-${process.pid}`];
  const call = (...args: string[]) => execute(command, [...head, ...args], { cwd: ROOT, env, maxBuffer: 1e8 });
  await call('build');
  const sinceMs = performance.now();
  const elapsedS = () => (performance.now() - sinceMs) / 1_000;
  try {
    await call('up', '--detach', '--no-build');
    const upS = elapsedS();
    const url = `http://127.0.0.1:${port}`;
    while ((await fetch(`${url}/readyz`).catch(() => null))?.status !== 200) await sleep(100);
    const readyS = elapsedS();
    const api = makeApi(url, env.CROSSCHECK_ADMIN_KEY);
    const { sweep } = await runSweep(api, SWEEP);
    if (sweep.state !== 'completed') throw new Error(`the sweep ended as ${sweep.state}`);
    return { upS, readyS, sweepS: elapsedS() };
  } finally {
    await call('down', '--volumes', '--timeout', '10');
  }
}
