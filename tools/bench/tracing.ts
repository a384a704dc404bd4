import { currentTraceparent } from '@crosscheck/runtime';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { constantLatency, loadNow, openBenchStack, printTable, runSweep } from '../bench-support.ts';
import { cpuMsOf } from './support/cpu.ts';

const TRIALS = 800;
/** The least of them counts: what other programs do to the caches of the processor only adds. */
const SWEEPS = 3;
const MILLION = 1_000_000;

/**
 * What tracing costs: CPU time of the worker and the scheduler for one trial, without tracing, with a tenth of the traces kept, and with all.
 * Sweeps of 800 trials against a simulator that answers at once, on the embedded Postgres; ratios are within one run.
 */
export async function run(): Promise<void> {
  const rows = [['traces kept', 'worker + scheduler CPU a trial', 'to off', 'spans', 'when']];
  const offMs = await measure(null);
  for (const [kept, { cpuMs, spans }] of [
    ['off', offMs],
    ['10 %', await measure(0.1)],
    ['100 %', await measure(1)],
  ] as const)
    rows.push([kept, `${cpuMs.toFixed(2)} ms`, (cpuMs / offMs.cpuMs).toFixed(2), String(spans), loadNow()]);
  printTable(rows);
  console.log(`\na question about the trace that runs, while tracing is off: ${askWhileOffNs().toFixed(0)} ns`);
}

/** All that is left of tracing where it is off: once for a sweep that is submitted. */
function askWhileOffNs(): number {
  const startedMs = performance.now();
  for (let round = 0; round < MILLION; round += 1) currentTraceparent();
  // ms for a million are ns for one
  return performance.now() - startedMs;
}

async function measure(ratio: number | null): Promise<{ cpuMs: number; spans: number }> {
  await using collector = await openCounter();
  const env: Record<string, string> =
    ratio === null ? {} : { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, OTEL_TRACES_SAMPLER_ARG: String(ratio) };
  await using bench = await openBenchStack('embedded', { env, simulator: { tenant: { latency: constantLatency(1) } } });
  const { api, stack } = bench;
  await runSweep(api, toSweep(0));
  const pids = stack
    .processes()
    .filter(({ name }) => /^(worker|scheduler)/.test(name))
    .map(({ pid }) => pid as number);
  const total = () => pids.reduce((sum, pid) => sum + cpuMsOf(pid), 0);
  const perTrial: number[] = [];
  for (let seed = 1; seed <= SWEEPS; seed += 1) {
    const beforeMs = total();
    await runSweep(api, toSweep(seed));
    perTrial.push((total() - beforeMs) / TRIALS);
  }
  return { cpuMs: Math.min(...perTrial), spans: collector.spans() };
}

const toSweep = (seed: number): object => ({
  name: 'tracing',
  seed,
  dataset: {
    prompts: Array.from({ length: TRIALS / 2 }, (_, index) => ({ id: `p${index}`, text: `question number ${index}` })),
  },
  conditions: ['free', 'paid'].map((tier) => ({ id: tier, user: `<tier>${tier}</tier>\n{{prompt}}` })),
  models: ['sim/no-effect'],
  graders: [{ id: 'rule', kind: 'regex', pattern: 'compliant', then: 'complied', else: 'refused' }],
});

/** Counts the spans that arrive and keeps nothing. */
async function openCounter(): Promise<AsyncDisposable & { endpoint: string; spans: () => number }> {
  let spans = 0;
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      spans += body.split('"spanId"').length - 1;
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans: () => spans,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
