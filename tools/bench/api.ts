import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openPool } from '@crosscheck/store';
import autocannon from 'autocannon';
import {
  type BenchStack,
  backendsHere,
  constantLatency,
  loadNow,
  openBenchStack,
  printTable,
} from '../bench-support.ts';
import { type Latencies, type Pace, readPaced } from './support/paced-readers.ts';
import { type Listeners, openListeners, openSlowReaders } from './support/listeners.ts';

const CONNECTIONS = 200;
/** Requests a second of all connections together: each asks twice a second, as a page that follows a sweep does at most. */
const RATE = 400;
const SECONDS = 20;
const SWEEPS = 2;
const LISTENERS = 64;
const SLOW_READERS = 16;
const LATENCY_MS = 200;
/** Calls in flight: 80 trials a second, which is 288,000 an hour, and 320, with which everything here together fills two cores. */
const PACES = [16, 64];
/** Of the sweep whose export nobody reads: 2,000 trials of 20,000 characters. */
const LONG = { trials: 2_000, characters: 20_000 };

type Row = [what: string, measured: string, target: string, when: string];

/**
 * The api under load: 200 connections read while two sweeps run, at 80 and at 320 trials a second, 64 listeners follow each of them, and 16
 * readers ask for long answers and never read them. Times are from when a request was due, so that a server that is late is not asked less
 * (coordinated omission). Each connection asks twice a second out of step with the others, and once all of them in step. `--rate N` requests
 * a second, `--seconds N`.
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { rate: { type: 'string' }, seconds: { type: 'string' } } });
  const [rate, seconds] = [Number(values.rate ?? RATE), Number(values.seconds ?? SECONDS)];
  const backend = backendsHere().at(-1) ?? 'embedded';
  await using bench = await openBenchStack(backend, {
    simulator: { tenant: { latency: constantLatency(LATENCY_MS) } },
  });
  const { api, stack } = bench;
  const setPace = (inFlight: number) => api('PUT', '/v1/lanes/sim/no-effect', { maxInFlight: inFlight });
  await setPace(PACES[0] ?? 1);
  const long = await importLong(bench);
  const sweeps = await Promise.all(Array.from({ length: SWEEPS }, (_, index) => startSweep(bench, index)));
  await untilRunning(bench, sweeps);

  const rows: Row[] = [['what', 'measured', 'target', 'when']];
  const quiet = await readGauges(stack.url);
  using listeners = openListeners(stack, sweeps, LISTENERS);
  using _slow = openSlowReaders(stack, slowPaths(long, sweeps));

  const detail = [`/v1/sweeps/${sweeps[0]}`];
  const readers: Omit<Pace, 'paths'> = {
    url: stack.url,
    headers: { authorization: `Bearer ${stack.adminKey}` },
    connections: CONNECTIONS,
    rate,
    seconds,
  };
  for (const inFlight of PACES) {
    await setPace(inFlight);
    await sleep(2_000);
    await readGauges(stack.url);
    const one = await readPaced({ ...readers, paths: detail });
    const { lagP99S, lagMaxS, bytes } = await readGauges(stack.url);
    const pace = `${(inFlight / LATENCY_MS) * 1_000} trials a second`;
    rows.push(
      toRow(`GET /v1/sweeps/{id}, ${CONNECTIONS} connections, ${rate} a second, ${pace}`, one, 'p99 <= 100 ms'),
      ['event loop of the api, lag', `p99 ${ms(lagP99S)}, max ${ms(lagMaxS)}`, '', loadNow()],
      ['memory of the api before, under load', `${mb(quiet.bytes)}, ${mb(bytes)}`, '', loadNow()],
    );
  }
  const together = await readPaced({ ...readers, paths: detail, together: true });
  rows.push(toRow(`the same, all ${CONNECTIONS} at the same moment`, together, ''));
  const mix = await readPaced({ ...readers, paths: readsOf(sweeps), rate: rate / 4 });
  rows.push(toRow(`list, detail, metrics, matrix and trials in turn, ${rate / 4} a second`, mix, ''));
  const most = await readWithoutPause(bench, { paths: detail, seconds: seconds / 2 });
  rows.push([`GET /v1/sweeps/{id} as fast as it goes`, `${Math.round(most)} a second`, '', loadNow()]);
  rows.push(await delayRow(bench, listeners));
  const after = await readGauges(stack.url);
  rows.push([
    `memory of the api with ${SLOW_READERS} readers who never read, at the end`,
    mb(after.bytes),
    '',
    loadNow(),
  ]);
  printTable(rows);
}

async function importLong({ stack }: BenchStack): Promise<string> {
  const header = { type: 'sweep', name: 'long', conditions: [{ id: 'a' }], models: ['m'] };
  const response = 'x'.repeat(LONG.characters);
  const trials = Array.from({ length: LONG.trials }, (_, index) => ({
    type: 'trial',
    prompt: `p${index}`,
    condition: 'a',
    model: 'm',
    sample: 0,
    outcome: 'complied',
    response,
  }));
  const answer = await fetch(`${stack.url}/v1/imports`, {
    method: 'POST',
    headers: { authorization: `Bearer ${stack.adminKey}`, 'content-type': 'application/x-ndjson' },
    body: [header, ...trials].map((line) => JSON.stringify(line)).join('\n'),
  });
  return ((await answer.json()) as { id: string }).id;
}

/** Large enough to run on while we measure. */
async function startSweep({ api }: BenchStack, seed: number): Promise<string> {
  const { id } = await api('POST', '/v1/sweeps', {
    name: `under load ${seed}`,
    seed,
    dataset: {
      prompts: Array.from({ length: 20_000 }, (_, index) => ({ id: `p${index}`, text: `question number ${index}` })),
    },
    conditions: ['free', 'paid'].map((tier) => ({ id: tier, user: `<tier>${tier}</tier>\n{{prompt}}` })),
    models: ['sim/no-effect'],
    graders: [{ id: 'rule', kind: 'regex', pattern: 'compliant', then: 'complied', else: 'refused' }],
    contrasts: [{ treatment: 'free', control: 'paid' }],
  });
  return String(id);
}

async function untilRunning({ api }: BenchStack, sweeps: string[]): Promise<void> {
  for (const id of sweeps) {
    while (((await api('GET', `/v1/sweeps/${id}`)) as { progress: { settled: number } }).progress.settled < 100)
      await sleep(250);
  }
}

const slowPaths = (long: string, sweeps: string[]): string[] =>
  Array.from({ length: SLOW_READERS }, (_, index) =>
    index % 2 === 0 ? `/v1/sweeps/${long}/export` : `/v1/sweeps/${sweeps[index % sweeps.length]}/events`,
  );

const readsOf = ([id]: string[]): string[] => [
  '/v1/sweeps',
  `/v1/sweeps/${id}`,
  `/v1/sweeps/${id}/metrics`,
  `/v1/sweeps/${id}/matrix`,
  `/v1/sweeps/${id}/trials?state=settled`,
];

/** @returns answers a second */
async function readWithoutPause(
  { stack }: BenchStack,
  { paths, seconds }: { paths: string[]; seconds: number },
): Promise<number> {
  const { errors, non2xx, requests } = await autocannon({
    url: stack.url,
    connections: CONNECTIONS,
    duration: seconds,
    timeout: 30,
    headers: { authorization: `Bearer ${stack.adminKey}` },
    requests: paths.map((path) => ({ method: 'GET', path })),
    // A thread of its own: what listens here must not hold back what asks.
    workers: 1,
  });
  if (errors + non2xx > 0) throw new Error(`${errors} errors, ${non2xx} refusals`);
  return requests.average;
}

function toRow(what: string, { p50, p99, max, n }: Latencies, target: string): Row {
  return [what, `p50 ${p50} ms, p99 ${p99} ms, max ${max} ms (${n})`, target, loadNow()];
}

/** From the commit of an event to its arrival: Postgres stamps it when its transaction begins. */
async function delayRow({ stack }: BenchStack, { arrivals, openedMs }: Listeners): Promise<Row> {
  const pool = openPool({ url: stack.databaseUrl, name: 'bench', max: 1 });
  const { rows } = await pool.query<{ id: string; at: Date }>('select id, at from event where id = any($1)', [
    [...arrivals.keys()],
  ]);
  await pool.end();
  // Whoever comes is told the newest first, however old it is: that is no delay.
  const delays = rows
    .filter(({ at }) => at.getTime() > openedMs)
    .flatMap(({ id, at }) => (arrivals.get(id) ?? []).map((arrivedMs) => arrivedMs - at.getTime()));
  const told = delays.toSorted((a, b) => a - b);
  const part = (share: number) => Math.round(told[Math.floor(told.length * share)] ?? NaN);
  const what = `event to its listener, ${SWEEPS} × ${LISTENERS} listeners`;
  return [what, `p50 ${part(0.5)} ms, p99 ${part(0.99)} ms (${told.length})`, '', loadNow()];
}

/** Since they were last read, for what has a maximum. */
async function readGauges(url: string): Promise<{ lagP99S: number; lagMaxS: number; bytes: number }> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const value = (name: string) => Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)`, 'm').exec(text)?.[1]);
  return {
    lagP99S: value('nodejs_eventloop_lag_p99_seconds'),
    lagMaxS: value('nodejs_eventloop_lag_max_seconds'),
    bytes: value('process_resident_memory_bytes'),
  };
}

const ms = (seconds: number): string => `${Math.round(seconds * 1_000)} ms`;
const mb = (bytes: number): string => `${Math.round(bytes / 1_000_000)} MB`;
