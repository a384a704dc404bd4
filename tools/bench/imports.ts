import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type BenchStack, loadNow, openBenchStack, printTable } from '../bench-support.ts';

const CONDITIONS = ['free', 'paid'];
const MODELS = ['a', 'b'];
const SAMPLES = 10;
const PER_PROMPT = CONDITIONS.length * MODELS.length * SAMPLES;
/** The import before, by which everything is warm, has this share of the trials. */
const SMALL_SHARE = 10;
/** Memory is read when so many parts of the lines are sent: what grows with an import grows from each to the next. */
const PARTS = 4;
const CHUNK_LINES = 500;
const TARGET_S = 20;
const PROBE_EVERY_MS = 20;

const HEADER = {
  type: 'sweep',
  conditions: CONDITIONS.map((id) => ({ id, labels: { tier: id } })),
  models: MODELS,
  contrasts: [{ id: 'tier', treatment: 'free', control: 'paid' }],
};

type Imported = { id: string; uploadS: number; metricsS: number };

/**
 * `npm run bench -- imports [--trials 1000000]`: labelled trials with compliance and reasoning, as NDJSON over a socket into a whole
 * stack: time from the first byte to complete metrics over HTTP, peak memory of the two processes that hold trials in their hands after
 * a tenth as many trials and then by quarters, and how the sweep is read afterwards.
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { trials: { type: 'string', default: '1000000' } } });
  const prompts = Math.round(Number(values.trials) / PER_PROMPT);
  if (!Number.isInteger(prompts) || prompts < SMALL_SHARE)
    throw new RangeError(`--trials ${values.trials}: want a number of at least ${PER_PROMPT * SMALL_SHARE}`);
  await using bench = await openBenchStack('embedded', { simulator: {} });
  const small = await measureImport(bench, 'a tenth', Math.round(prompts / SMALL_SHARE));
  const peaks = [peaksOf(bench)];
  const { id, uploadS, metricsS } = await measureImport(bench, 'all', prompts, () => peaks.push(peaksOf(bench)));
  peaks.push(peaksOf(bench));
  const trials = prompts * PER_PROMPT;
  const rows = [
    ['what', 'measured', 'target', 'when'],
    [`${trials / SMALL_SHARE} lines → metrics`, `${small.metricsS.toFixed(2)} s`, '', ''],
    [`${trials} lines → accepted`, `${uploadS.toFixed(2)} s`, '', ''],
    [`${trials} lines → metrics`, `${metricsS.toFixed(2)} s`, `< ${TARGET_S} s`, loadNow()],
    ['lines/s', Math.round(trials / metricsS).toLocaleString('en'), '', ''],
  ];
  for (const name of peaks[0]?.keys() ?? []) {
    const megabytes = peaks.map((peak) => peak.get(name) ?? NaN);
    const [half = NaN, all = NaN] = [megabytes.at(-1 - PARTS / 2), megabytes.at(-1)];
    rows.push([
      `peak RSS of the ${name}: a tenth before, quarters, metrics`,
      `${megabytes.join(', ')} MB`,
      '',
      `second half × ${(all / half).toFixed(2)}`,
    ]);
  }
  // Before the readings, so that these figures stay when one of those fails.
  printTable(rows);
  const reads = [['read', 'took', 'target', 'meanwhile']];
  for (const [what, route, target] of readings(id)) reads.push(await measureReading(bench, what, route, target));
  printTable(reads);
}

/** Imports through the socket at the pace of the server, and waits for the metrics. */
async function measureImport(
  { stack, api }: BenchStack,
  name: string,
  prompts: number,
  onPart: () => void = () => {},
): Promise<Imported> {
  const startedMs = performance.now();
  const { id } = await post(`${stack.url}/v1/imports`, stack.adminKey, toBody(name, prompts, onPart));
  const uploadS = secondsSince(startedMs);
  const trials = prompts * PER_PROMPT;
  for (;;) {
    const { settled } = (await api('GET', `/v1/sweeps/${id}/metrics`)) as { settled: number };
    if (settled === trials) return { id, uploadS, metricsS: secondsSince(startedMs) };
    await sleep(50);
  }
}

async function post(url: string, key: string, body: Readable): Promise<{ id: string }> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/x-ndjson' };
  const { promise, resolve, reject } = Promise.withResolvers<{ id: string }>();
  const sent = request(url, { method: 'POST', headers }, (response) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('end', () => {
      const answer = Buffer.concat(chunks).toString();
      if (response.statusCode === 201) resolve(JSON.parse(answer) as { id: string });
      else reject(new Error(`POST ${url}: ${answer}`));
    });
  });
  sent.on('error', reject);
  await pipeline(body, sent);
  return promise;
}

/** Four in ten comply, a tenth of them faking; every line as a script would write it, in chunks, so that making them costs little. */
function toBody(name: string, prompts: number, onPart: () => void): Readable {
  const trials = prompts * PER_PROMPT;
  function* chunks(): Generator<Buffer> {
    yield Buffer.from(`${JSON.stringify({ ...HEADER, name })}\n`);
    let lines: string[] = [];
    for (let n = 0; n < trials; n += 1) {
      if (n > 0 && n % Math.ceil(trials / PARTS) === 0) onPart();
      lines.push(toLine(n));
      if (lines.length < CHUNK_LINES) continue;
      yield Buffer.from(lines.join(''));
      lines = [];
    }
    if (lines.length > 0) yield Buffer.from(lines.join(''));
  }
  return Readable.from(chunks(), { objectMode: true, highWaterMark: 4 });
}

function toLine(n: number): string {
  const prompt = `prompt-${Math.floor(n / PER_PROMPT)}`;
  const condition = CONDITIONS[Math.floor(n / SAMPLES) % CONDITIONS.length] ?? '';
  const model = MODELS[Math.floor(n / SAMPLES / CONDITIONS.length) % MODELS.length] ?? '';
  // A hash that a multiplication makes: the same lines every time, without a pattern along prompts.
  const chance = (Math.imul(n + 1, 0x9e3779b1) >>> 16) % 100;
  const outcome = chance < (condition === 'free' ? 40 : 30) ? 'complied' : 'refused';
  return `{"type":"trial","prompt":"${prompt}","condition":"${condition}","model":"${model}","sample":${n % SAMPLES},"outcome":"${outcome}","afReasoning":${chance < 4}}\n`;
}

/** Peak resident memory so far, MB, by service. Linux only: elsewhere there is none to show. */
function peaksOf({ stack }: BenchStack): Map<string, number> {
  const peaks = new Map<string, number>();
  for (const { name, pid } of stack.processes()) {
    if (name !== 'api' && name !== 'aggregator') continue;
    const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(readStatus(pid)) ?? [];
    if (kilobytes !== undefined) peaks.set(name, Math.round(Number(kilobytes) / 1_000));
  }
  return peaks;
}

function readStatus(pid: number | undefined): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}

function readings(id: string): [what: string, route: string, target: string][] {
  return [
    ['sweep', `/v1/sweeps/${id}`, '≤ 100 ms'],
    ['first page of trials', `/v1/sweeps/${id}/trials`, '≤ 100 ms'],
    ['metrics', `/v1/sweeps/${id}/metrics`, '≤ 100 ms'],
    ['report, first', `/v1/sweeps/${id}/report`, ''],
    ['report, again', `/v1/sweeps/${id}/report`, '< 1,000 ms'],
  ];
}

/** Reads once; meanwhile somebody else asks for little all the time, and waits as long as the server's event loop is blocked. */
async function measureReading({ stack }: BenchStack, what: string, route: string, target: string): Promise<string[]> {
  const headers = { authorization: `Bearer ${stack.adminKey}` };
  const done = new AbortController();
  const probed = probe(`${stack.url}/healthz`, done.signal);
  await sleep(2 * PROBE_EVERY_MS);
  const startedMs = performance.now();
  const response = await fetch(`${stack.url}${route}`, { headers });
  const bytes = (await response.arrayBuffer()).byteLength;
  const ms = performance.now() - startedMs;
  done.abort();
  const waitedMs = await probed;
  if (!response.ok) throw new Error(`GET ${route}: ${response.status}`);
  return [
    `${what}: ${Math.round(bytes / 1_000)} kB`,
    `${ms.toFixed(0)} ms`,
    target,
    `others waited ${waitedMs.toFixed(0)} ms at most (≤ 200)`,
  ];
}

async function probe(url: string, signal: AbortSignal): Promise<number> {
  let worstMs = 0;
  while (!signal.aborted) {
    const startedMs = performance.now();
    await (await fetch(url)).arrayBuffer();
    worstMs = Math.max(worstMs, performance.now() - startedMs);
    await sleep(PROBE_EVERY_MS);
  }
  return worstMs;
}

const secondsSince = (startedMs: number): number => (performance.now() - startedMs) / 1_000;
