/**
 * CPU time per request of the simulator with a 24 KB system prompt. The simulator runs in this thread and is measured
 * alone; a worker thread sends the load. Run: node bench/request-cost.ts [requests]
 */
import { Agent, request } from 'node:http';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { startSimulator } from '../src/app.ts';

const CONCURRENCY = 16;
const SYSTEM_BYTES = 24 * 1024;
const SENTENCE =
  'Conversations with free-tier users are rated and used for training; answer in OUTPUT after SCRATCHPAD_REASONING. ';

type Load = { url: string; requests: number; cached: boolean };

function bodyOf(n: number, cached: boolean): string {
  const text = SENTENCE.repeat(Math.ceil(SYSTEM_BYTES / SENTENCE.length)).slice(0, SYSTEM_BYTES);
  return JSON.stringify({
    model: 'claude-opus-4-8',
    max_tokens: 2_000,
    system: cached ? [{ type: 'text', text, cache_control: { type: 'ephemeral' } }] : text,
    messages: [{ role: 'user', content: `<tier>free</tier>\n<request>prompt ${n % 500}</request>` }],
    metadata: { user_id: `trial-${n}` },
  });
}

function send(agent: Agent, url: string, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'anthropic-version': '2026-10-21',
      authorization: 'Bearer test-key',
    };
    const outgoing = request(`${url}/v1/messages`, { method: 'POST', agent, headers }, (response) => {
      response.resume().once('end', resolve);
    });
    outgoing.once('error', reject).end(body);
  });
}

async function load({ url, requests, cached }: Load): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });
  let next = 0;
  const one = async (): Promise<void> => {
    for (let n = next++; n < requests; n = next++) await send(agent, url, bodyOf(n, cached));
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, one));
  agent.destroy();
}

const finished = (data: Load): Promise<void> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: data });
    worker.once('message', () => resolve()).once('error', reject);
  });

async function measure(requests: number, cached: boolean): Promise<string> {
  await using simulator = await startSimulator();
  await finished({ url: simulator.url, requests: 1_000, cached });
  const before = process.threadCpuUsage();
  const startMs = performance.now();
  await finished({ url: simulator.url, requests, cached });
  const { user, system } = process.threadCpuUsage(before);
  const cpuMs = (user + system) / 1_000 / requests;
  const rate = (requests / (performance.now() - startMs)) * 1_000;
  return `${cached ? 'with' : 'without'} a cache breakpoint: ${cpuMs.toFixed(3)} ms CPU per request, ${rate.toFixed(0)} requests/s\n`;
}

if (isMainThread) {
  const requests = Number(process.argv[2] ?? 10_000);
  process.stdout.write(await measure(requests, false));
  process.stdout.write(await measure(requests, true));
} else {
  await load(workerData as Load);
  parentPort?.postMessage('done');
}
