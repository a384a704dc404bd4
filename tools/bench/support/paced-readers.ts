import { Agent, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

/** How connections read: each in its turn, evenly spread over time, or all of them at the same moment. */
export type Pace = {
  url: string;
  paths: string[];
  headers: Record<string, string>;
  connections: number;
  /** requests a second of all connections together */
  rate: number;
  seconds: number;
  together?: boolean;
};
/** In ms, from when a request was due: a server that is late is not asked less. */
export type Latencies = { p50: number; p99: number; max: number; n: number };

/** Reads from a thread of its own, so that what else the bench does holds nothing back. @throws Error at an answer other than 200 */
export async function readPaced(pace: Pace): Promise<Latencies> {
  const worker = new Worker(new URL(import.meta.url), { workerData: pace });
  const { promise, resolve, reject } = Promise.withResolvers<number[]>();
  worker.once('message', resolve).once('error', reject);
  const sorted = (await promise).toSorted((a, b) => a - b);
  await worker.terminate();
  const at = (share: number) =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN);
  return { p50: at(0.5), p99: at(0.99), max: at(1), n: sorted.length };
}

async function readAll({ rate, seconds, connections, together = false, ...pace }: Pace): Promise<number[]> {
  const agents = Array.from({ length: connections }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
  // The first of each connection opens it.
  await Promise.all(agents.map((agent, index) => readOnce(pace, agent, index)));
  const startMs = performance.now() + 100;
  const dueOf = (index: number) =>
    startMs + ((together ? Math.floor(index / connections) * connections : index) / rate) * 1_000;
  const latencies = Array.from({ length: rate * seconds }, async (_, index) => {
    const dueMs = dueOf(index);
    await sleep(dueMs - performance.now());
    await readOnce(pace, agents[index % connections] as Agent, index);
    return performance.now() - dueMs;
  });
  try {
    return await Promise.all(latencies);
  } finally {
    for (const agent of agents) agent.destroy();
  }
}

function readOnce(
  { url, paths, headers }: Pick<Pace, 'url' | 'paths' | 'headers'>,
  agent: Agent,
  index: number,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  get(url + (paths[index % paths.length] ?? ''), { agent, headers }, (response) => {
    response.resume().once('error', reject);
    response.once('end', () => {
      if (response.statusCode === 200) resolve();
      else reject(new Error(`answered ${response.statusCode}`));
    });
  }).once('error', reject);
  return promise;
}

if (!isMainThread) parentPort?.postMessage(await readAll(workerData as Pace));
