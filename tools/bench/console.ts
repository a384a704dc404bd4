import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { openPool, readProgress } from '@crosscheck/store';
import type { Browser } from 'playwright-core';
import { type BenchStack, constantLatency, loadNow, openBenchStack, printTable } from '../bench-support.ts';
import { launchBrowser, openProfile } from '../console/browser.ts';
import { importLargeSweep } from './console/large-sweep.ts';
import { measureJumps, measurePaint, type Paint, watchSettled } from './console/pages.ts';
import { openReaders, recordPage } from './console/readers.ts';
import { cpuMsOf } from './support/cpu.ts';

const LIMITS = { paintMs: 1_000, jumpMs: 100, scriptBytes: 250_000, behindMs: 1_000, cpuShare: 0.2 };
const READERS = 60;
const WATCH_MS = 15_000;
const RECORD_MS = 15_000;

type Figure = { what: string; measured: string; limit: string; holds: boolean };

/**
 * `npm run bench -- console [--trials 100000]`: what the console is measured by, from a real browser on loopback: how soon a large sweep shows its
 * numbers, how long a jump through its transcripts takes, how much JavaScript a first visit loads, how far a page is behind the database, and
 * what 60 open pages cost the api. Ends with 1 when a limit is missed.
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { trials: { type: 'string', default: '100000' } } });
  await using bench = await openBenchStack('embedded', { simulator: { tenant: { latency: constantLatency(400) } } });
  const id = await importLargeSweep(bench.stack, Number(values.trials));
  const figures = [...(await measureLoading(bench, id)), ...(await measureRunning(bench))];
  printTable([
    ['what', 'measured', 'limit', ''],
    ...figures.map(({ what, measured, limit, holds }) => [what, measured, limit, holds ? '' : 'MISSED']),
    ['', '', '', loadNow()],
  ]);
  if (figures.some(({ holds }) => !holds)) process.exitCode = 1;
}

async function measureLoading({ stack: { url, adminKey: key } }: BenchStack, id: string): Promise<Figure[]> {
  const door = { url, key };
  const paints: Paint[] = [];
  for (let n = 0; n < 6; n += 1) {
    // The first of them in a browser that has just been started, and of an api that has answered nobody yet.
    await using browser = await launchBrowser();
    paints.push(await measurePaint(await openProfile(browser, door), id));
  }
  const [first, ...others] = paints as [Paint, ...Paint[]];
  const again = middle(others.map(({ ms }) => ms));
  await using browser = await launchBrowser();
  const jumps = await measureJumps(await openProfile(browser, door), id);
  const worst = Math.max(...jumps);
  return [
    inMs('first useful paint, the very first load', first.ms, LIMITS.paintMs),
    inMs('first useful paint, median of 5 new browsers', again, LIMITS.paintMs),
    {
      what: 'JavaScript of the first page, gzipped',
      measured: `${Math.round(first.scriptBytes / 1_000)} kB`,
      limit: `${LIMITS.scriptBytes / 1_000} kB`,
      holds: first.scriptBytes <= LIMITS.scriptBytes,
    },
    inMs('jump to any row of the transcripts, median', middle(jumps), LIMITS.jumpMs),
    inMs('jump to any row of the transcripts, worst of 8', worst, LIMITS.jumpMs),
  ];
}

async function measureRunning(bench: BenchStack): Promise<Figure[]> {
  const { stack } = bench;
  await using browser = await launchBrowser();
  const behind = await measureBehind(bench, browser);
  const id = await startSweep(bench, 'read by many');
  const asked = await recordPage(await openProfile(browser, doorOf(bench)), id, RECORD_MS);
  const pid = stack.processes().find(({ name }) => name === 'api')?.pid;
  if (pid === undefined) throw new Error('there is no api');
  const readers = openReaders(stack, { readers: READERS, asked, forMs: RECORD_MS });
  await sleep(2_000);
  const [before, startedMs] = [cpuMsOf(pid), performance.now()];
  await sleep(WATCH_MS);
  const share = (cpuMsOf(pid) - before) / (performance.now() - startedMs);
  await readers.close();
  return [
    inMs('a page behind the database, median', middle(behind), LIMITS.behindMs),
    inMs('a page behind the database, worst', Math.max(...behind), LIMITS.behindMs),
    {
      what: `api with ${READERS} open pages of a running sweep`,
      measured: `${(share * 100).toFixed(1)} % of a core`,
      limit: `${LIMITS.cpuShare * 100} %`,
      holds: share <= LIMITS.cpuShare,
    },
  ];
}

const doorOf = ({ stack }: BenchStack): { url: string; key: string } => ({ url: stack.url, key: stack.adminKey });

/** A sweep that settles about ten trials a second for longer than anybody here looks. */
async function startSweep({ api }: BenchStack, name: string): Promise<string> {
  await api('PUT', '/v1/lanes/sim/no-effect', { requestsPerMinute: 600, maxInFlight: 20 });
  const { id } = await api('POST', '/v1/sweeps', {
    name,
    conditions: ['free', 'paid'].map((tier) => ({ id: tier, user: `<tier>${tier}</tier>\n{{prompt}}` })),
    dataset: { prompts: Array.from({ length: 200 }, (_, n) => ({ id: `p${n}`, text: `dilemma number ${n}` })) },
    models: ['sim/no-effect'],
    samples: 5,
    graders: [{ id: 'rule', kind: 'regex', pattern: 'synthetic compliant', then: 'complied', else: 'refused' }],
    contrasts: [{ treatment: 'free', control: 'paid' }],
  });
  return String(id);
}

/** For every number that the database was seen to have: how long until the page showed as many, ms. */
async function measureBehind(bench: BenchStack, browser: Browser): Promise<number[]> {
  const { stack, api } = bench;
  const id = await startSweep(bench, 'watched');
  const context = await openProfile(browser, doorOf(bench));
  const page = await context.newPage();
  const watch = await watchSettled(page, id);
  const pool = openPool({ url: stack.databaseUrl, name: 'bench', max: 1 });
  const known: { atMs: number; settled: number }[] = [];
  try {
    for (const endMs = performance.now() + WATCH_MS; performance.now() < endMs; await sleep(25)) {
      const settled = (await readProgress(pool, [id])).get(id)?.settled ?? 0;
      if (settled > (known.at(-1)?.settled ?? 0)) known.push({ atMs: Date.now(), settled });
    }
  } finally {
    await pool.end();
  }
  await sleep(LIMITS.behindMs * 3);
  const shown = await watch.stop();
  await context.close();
  await api('POST', `/v1/sweeps/${id}/cancel`, {});
  // Whatever was known before the page watched says nothing of it.
  const from = shown[0]?.settled ?? 0;
  return known
    .filter(({ settled }) => settled > from)
    .map(({ atMs, settled }) => {
      const seenMs = shown.find((one) => one.settled >= settled)?.atMs;
      return seenMs === undefined ? Infinity : Math.max(0, seenMs - atMs);
    });
}

const inMs = (what: string, ms: number, limitMs: number): Figure => ({
  what,
  measured: `${ms.toFixed(0)} ms`,
  limit: `${limitMs} ms`,
  holds: ms <= limitMs,
});

const middle = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Infinity;
