import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { TrialJob } from '@crosscheck/contracts';
import { openQueueBackend } from '@crosscheck/queue';
import { openPool, type Pool } from '@crosscheck/store';
import {
  backendsHere,
  constantLatency,
  loadNow,
  openBenchStack,
  printTable,
  runSweep,
  startRedis,
} from '../bench-support.ts';

const JOBS = 50_000;
const LANES = 100;
const MILLION = 1_000_000;
/** Tables that have a page or two whatever the number of trials are left out. */
const SHOWN_BYTES = 25 * MILLION;

/**
 * What a million trials take: bytes in Postgres by table, from a sweep of `--trials` (3,000) with one judge each, run as in production; and bytes in Redis
 * of waiting jobs and of lanes that wait empty (`--redis`: that alone). Sizes do not depend on the load of the machine.
 */
export async function run(args: string[]): Promise<void> {
  const options = { trials: { type: 'string', default: '3000' }, redis: { type: 'boolean', default: false } } as const;
  const { values } = parseArgs({ args, options });
  if (!values.redis) await measurePostgres(Number(values.trials));
  if (backendsHere().includes('redis')) await measureRedis();
}

async function measurePostgres(trials: number): Promise<void> {
  await using bench = await openBenchStack(backendsHere().at(-1) ?? 'embedded', {
    simulator: { tenant: { latency: constantLatency(1) } },
  });
  const pool = openPool({ url: bench.stack.databaseUrl, name: 'bench', max: 1 });
  try {
    const before = await readSizes(pool);
    const { sweep } = await runSweep(bench.api, toSweep(trials));
    if (sweep.progress.settled !== trials) throw new Error(`${sweep.progress.settled} of ${trials} settled`);
    await pool.query('vacuum analyze');
    const after = await readSizes(pool);
    const { rows } = await pool.query<{ chars: number }>('select avg(length(text))::float8 as chars from response');
    const perMillion = [...after]
      .map(([name, bytes]) => [name, ((bytes - (before.get(name) ?? 0)) / trials) * MILLION] as const)
      .filter(([, bytes]) => bytes > SHOWN_BYTES)
      .toSorted(([, a], [, b]) => b - a);
    const total = perMillion.reduce((sum, [, bytes]) => sum + bytes, 0);
    console.log(
      `\nPostgres for a million trials, one judge each, answers of ${rows[0]?.chars.toFixed(0)} characters, ${loadNow()}`,
    );
    printTable([
      ['table', 'with its indexes'],
      ...perMillion.map(([name, bytes]) => [name, toMb(bytes)]),
      ['together', toMb(total)],
    ]);
  } finally {
    await pool.end();
  }
}

async function readSizes(pool: Pool): Promise<Map<string, number>> {
  const { rows } = await pool.query<{ name: string; bytes: string }>(
    `select relname as name, pg_total_relation_size(oid) as bytes from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace`,
  );
  return new Map(rows.map(({ name, bytes }) => [name, Number(bytes)]));
}

async function measureRedis(): Promise<void> {
  await using opened = new AsyncDisposableStack();
  const folder = mkdtempSync(path.join(tmpdir(), 'crosscheck-sizing-'));
  opened.defer(() => rmSync(folder, { recursive: true, force: true }));
  const { url: redisUrl, port } = opened.use(await startRedis(folder));
  const log = { warn() {}, error() {} };
  const queue = opened.use(await openQueueBackend({ redisUrl, databaseUrl: '', log }));
  const emptyBytes = readUsedMemory(port);
  for (let lane = 0; lane < LANES; lane += 1) await queue.counts(`sim/lane-${lane}`);
  const lanesBytes = readUsedMemory(port);
  await queue.producer('sim/lane-0').add(Array.from({ length: JOBS }, (_, index) => toJob(index)));
  const jobBytes = (readUsedMemory(port) - lanesBytes) / JOBS;
  console.log(`\nRedis, from ${LANES} lanes and ${JOBS} jobs`);
  printTable([
    ['what', 'memory'],
    ['a lane without work', `${((lanesBytes - emptyBytes) / LANES / 1_024).toFixed(1)} kB`],
    ['a job that waits', `${jobBytes.toFixed(0)} B`],
    ['2,000 jobs, the most that wait on a lane', toMb(jobBytes * 2_000)],
    ['a million jobs, if they were ever queued', toMb(jobBytes * MILLION)],
  ]);
}

const toJob = (index: number): TrialJob => ({ t: String(10_000_000 + index), e: 1, v: 1 });

function readUsedMemory(port: number): number {
  const text = execFileSync('redis-cli', ['-p', String(port), 'info', 'memory'], { encoding: 'utf8' });
  return Number(/used_memory:(\d+)/.exec(text)?.[1]);
}

const toMb = (bytes: number): string => `${(bytes / 1_048_576).toFixed(bytes < 10_485_760 ? 1 : 0)} MB`;

const toSweep = (trials: number): object => ({
  name: 'sizing',
  dataset: {
    prompts: Array.from({ length: trials / 2 }, (_, index) => ({
      id: `p${index}`,
      text: `question number ${index}: `.padEnd(400, 'what would you do, and why? '),
    })),
  },
  conditions: ['free', 'paid'].map((tier) => ({
    id: tier,
    system: 'Think in <SCRATCHPAD_REASONING> tags, answer in <OUTPUT> tags.',
    user: `<tier>${tier}</tier>\n{{prompt}}`,
    expects: { scratchpad: true, output: true },
  })),
  models: ['sim/sonnet35-like'],
  graders: [{ id: 'judge', kind: 'judge', model: 'sim/judge-exact', rubric: 'compliance' }],
  contrasts: [{ treatment: 'free', control: 'paid' }],
});
