import { readFileSync } from 'node:fs';
import { openPool } from '@crosscheck/store';
import { backendsHere, type BenchStack, loadNow, openBenchStack, printTable, runSweep } from '../bench-support.ts';
import { cpuMsOf } from './support/cpu.ts';

/** Answers that take so long leave the processor idle: the places of a worker bind, not its core. They differ, as those of a model do. */
const SLOW_MS = 15_000;
const SLOW = { firstTokenMs: SLOW_MS, sigma: 0.3, tokensPerSecond: 1e9, msPerThousandInput: 0 };
/** So many times the calls that one process has in flight on a lane without limits. Every case takes as long as the others. */
const SLOW_TRIALS_A_WORKER = 4 * 64;
const FAST_TRIALS = 1_000;
/** So often, one after the other: what a worker keeps would be seen to grow. */
const FAST_ROUNDS = 4;
const TARGET_RATIO = 3.2;

type Load = { trialsPerSecond: number; cpuMsByService: Map<string, number> };

/**
 * How work grows with workers: trials a second of one worker process and of four where the model binds (answers of 15 s, a lane without limits),
 * and where the processor binds (answers at once). Then what each process takes: CPU for a trial, memory, connections to Postgres.
 */
export async function run(): Promise<void> {
  const backend = backendsHere().at(-1) ?? 'embedded';
  const slow = new Map<number, Load>();
  let fast: Load | null = null;
  const workerMemory: number[] = [];
  let connections = '';
  const footprint: string[][] = [['service', 'CPU for a trial', 'memory of a process']];
  for (const workers of [1, 4]) {
    await using bench = await openBenchStack(backend, {
      workers,
      simulator: {
        tenant: {
          latency: { haiku: SLOW, sonnet: SLOW, opus: SLOW, fable: SLOW },
          models: { 'claude-opus-4-8': AT_ONCE },
        },
      },
    });
    slow.set(workers, await measure(bench, 'sim/no-effect', SLOW_TRIALS_A_WORKER * workers));
    if (workers === 1) {
      for (let round = 0; round < FAST_ROUNDS; round += 1) {
        fast = await measure(bench, 'sim/claude-opus-4-8', FAST_TRIALS);
        workerMemory.push(memoryOf(pidOf(bench, 'worker-1')));
      }
    } else {
      footprint.push(...readFootprint(bench, fast));
      connections = await readConnections(bench);
    }
  }
  const [one = NaN, four = NaN] = [1, 4].map((workers) => slow.get(workers)?.trialsPerSecond);
  console.log(
    `\n${SLOW_TRIALS_A_WORKER} trials a worker, whose answers take ${SLOW_MS / 1_000} s, queue in ${backend}, ${loadNow()}`,
  );
  printTable([
    ['workers', 'trials a second', 'to one worker', 'target'],
    ['1', one.toFixed(1), '1.00', ''],
    ['4', four.toFixed(1), (four / one).toFixed(2), `>= ${TARGET_RATIO}`],
  ]);
  console.log(
    `memory of the worker after each ${FAST_TRIALS}: ${workerMemory.map((mb) => mb.toFixed(0)).join(', ')} MB`,
  );
  const workerMs = fast?.cpuMsByService.get('worker') ?? NaN;
  console.log(
    `\n${FAST_TRIALS} trials whose answer comes at once, one worker: ${fast?.trialsPerSecond.toFixed(0)} trials a second here,`,
  );
  console.log(
    `${workerMs.toFixed(2)} ms of CPU of the worker for each: ${(1_000 / workerMs).toFixed(0)} trials a second from a core of its own\n`,
  );
  printTable(footprint);
  console.log(`\nconnections to Postgres with 4 workers: ${connections}`);
  if (four / one < TARGET_RATIO) process.exitCode = 1;
}

const AT_ONCE = { persona: 'no-effect', latency: 'instant' };

async function measure(bench: BenchStack, model: string, trials: number): Promise<Load> {
  // What a new lane may have in flight would bind before the workers do.
  await bench.api('PUT', `/v1/lanes/${model}`, {});
  // A worker opens its lanes and learns their pace with the first trials.
  await runSweep(bench.api, toSweep(model, 8, 1));
  const before = readCpu(bench);
  const { sweep, runningMs } = await runSweep(bench.api, toSweep(model, trials, 2));
  if (sweep.progress.settled !== trials) throw new Error(`${sweep.progress.settled} of ${trials} settled`);
  const after = readCpu(bench);
  const cpuMsByService = new Map([...after].map(([name, ms]) => [name, (ms - (before.get(name) ?? 0)) / trials]));
  return { trialsPerSecond: trials / (runningMs / 1_000), cpuMsByService };
}

/** CPU time so far by service, its processes together, ms. */
function readCpu({ stack }: BenchStack): Map<string, number> {
  const used = new Map<string, number>();
  for (const { name, pid } of stack.processes()) {
    const service = name.replace(/-\d+$/, '');
    used.set(service, (used.get(service) ?? 0) + cpuMsOf(pid as number));
  }
  return used;
}

function readFootprint({ stack }: BenchStack, load: Load | null): string[][] {
  const services = Map.groupBy(stack.processes(), ({ name }) => name.replace(/-\d+$/, ''));
  return [...services]
    .filter(([service]) => service !== 'simulator')
    .map(([service, processes]) => [
      service,
      `${load?.cpuMsByService.get(service)?.toFixed(2)} ms`,
      `${Math.max(...processes.map(({ pid }) => memoryOf(pid as number))).toFixed(0)} MB`,
    ]);
}

/** Connections to Postgres by what they are for, of all processes together. */
async function readConnections({ stack }: BenchStack): Promise<string> {
  const pool = openPool({ url: stack.databaseUrl, name: 'bench', max: 1 });
  const { rows } = await pool
    .query<{ name: string; n: number }>(
      `select regexp_replace(application_name, '^crosscheck | [0-9a-f]{8}$', '', 'g') as name, count(*)::int as n from pg_stat_activity
       where application_name like 'crosscheck %' and application_name <> 'crosscheck bench' group by 1 order by 1`,
    )
    .finally(() => void pool.end());
  return rows.map(({ name, n }) => `${name} ${n}`).join(', ');
}

function pidOf({ stack }: BenchStack, name: string): number {
  return stack.processes().find((process) => process.name === name)?.pid as number;
}

/** Resident, MB. */
function memoryOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024;
}

function toSweep(model: string, trials: number, seed: number): object {
  return {
    name: 'workers',
    seed,
    dataset: {
      prompts: Array.from({ length: trials / 2 }, (_, index) => ({
        id: `p${index}`,
        text: `question number ${index}`,
      })),
    },
    conditions: ['free', 'paid'].map((tier) => ({ id: tier, user: `<tier>${tier}</tier>\n{{prompt}}` })),
    models: [model],
    graders: [{ id: 'rule', kind: 'regex', pattern: 'compliant', then: 'complied', else: 'refused' }],
  };
}
