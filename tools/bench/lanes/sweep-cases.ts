import { setTimeout as sleep } from 'node:timers/promises';
import { type BenchStack, constantLatency, runSweep, type SweepView } from '../../bench-support.ts';
import { type LaneCase, percent, plainSweep, seconds } from './lane-case.ts';
import { prepareServer, readTraffic } from './traffic.ts';

/** List prices relative to an uncached input token. */
const PRICE = { uncached: 1, cacheWrite: 1.25, cacheRead: 0.1 };

/** The alignment-faking study: one long system prompt for both tiers. */
const caching: LaneCase = {
  name: 'caching',
  title: 'alignment faking, input cost with the cache against without',
  async measure(bench, { quick }) {
    await prepareServer(bench, { limits: {}, latency: constantLatency(500) });
    await bench.api('PUT', '/v1/lanes/sim/af-prompted', { maxInFlight: 64 });
    const { sweep } = await runSweep(bench.api, {
      name: 'lanes caching',
      study: 'alignment-faking',
      dataset: {
        prompts: Array.from({ length: quick ? 100 : 250 }, (_, index) => ({
          id: `p${index}`,
          text: `question ${index}`,
        })),
      },
      models: ['sim/af-prompted'],
      samples: 2,
      graders: [{ id: 'rule', kind: 'regex', pattern: 'compliant', then: 'complied', else: 'refused' }],
    });
    const { admitted, refused } = await readTraffic(bench);
    const { uncached, cacheWrite, cacheRead } = sweep.tokens;
    const paid = uncached * PRICE.uncached + cacheWrite * PRICE.cacheWrite + cacheRead * PRICE.cacheRead;
    const ratio = paid / (uncached + cacheWrite + cacheRead);
    const writes = admitted.filter(({ cacheWriteTokens }) => cacheWriteTokens > 0).length;
    return {
      ratio,
      target: '<= 0.20 x',
      isMet: ratio <= 0.2,
      absolute: `${writes} ${writes === 1 ? 'write' : 'writes'} of the prefix in ${admitted.length} calls, ${percent(cacheRead / (uncached + cacheWrite + cacheRead))} of the input read from the cache`,
      refused,
    };
  },
};

/** Two teams with weights 1 and 3 that both want more than the lane has. */
const weights: LaneCase = {
  name: 'weights',
  title: 'two teams, weights 1 and 3',
  async measure(bench, { quick }) {
    const [n, windowS] = quick ? [1_200, 12] : [2_400, 24];
    await prepareServer(bench, { limits: { requests: 3_000 }, latency: constantLatency(200) });
    await bench.api('PUT', '/v1/lanes/sim/dupes', { requestsPerMinute: 3_000 });
    const light = await openTeam(bench, 'light', 1);
    const heavy = await openTeam(bench, 'heavy', 3);
    const ids = await Promise.all([light, heavy].map((api) => submit(api, plainSweep('sim/dupes', n))));
    const settled = () =>
      Promise.all([light, heavy].map(async (api, index) => (await readSweep(api, ids[index] ?? '')).progress.settled));
    await sleep(5_000);
    const before = await settled();
    await sleep(windowS * 1_000);
    const after = await settled();
    const [one = 0, three = 0] = after.map((count, index) => count - (before[index] ?? 0));
    const { refused } = await readTraffic(bench);
    await Promise.all([light, heavy].map((api, index) => api('POST', `/v1/sweeps/${ids[index]}/cancel`)));
    const ratio = three / one;
    return {
      ratio,
      target: '3 ± 5 %',
      isMet: Math.abs(ratio / 3 - 1) <= 0.05,
      absolute: `${one} and ${three} trials in ${windowS} s`,
      refused,
    };
  },
};

/** A hundred trials of one team behind five thousand of another. */
const smallBehindHuge: LaneCase = {
  name: 'small-behind-huge',
  title: '100 trials behind 5,000 of another team, against alone',
  async measure(bench) {
    await prepareServer(bench, { limits: { requests: 600 }, latency: constantLatency(200) });
    await bench.api('PUT', '/v1/lanes/sim/clustered', { requestsPerMinute: 600 });
    const small = await openTeam(bench, 'small', 1);
    const huge = await openTeam(bench, 'huge', 1);
    const { runningMs: aloneMs } = await runSweep(small, plainSweep('sim/clustered', 100));
    const id = await submit(huge, plainSweep('sim/clustered', 5_000));
    await sleep(15_000);
    const { runningMs: behindMs } = await runSweep(small, plainSweep('sim/clustered', 100, { seed: 2 }));
    const { refused } = await readTraffic(bench);
    await huge('POST', `/v1/sweeps/${id}/cancel`);
    return {
      ratio: behindMs / aloneMs,
      target: '<= 1.5 x',
      isMet: behindMs / aloneMs <= 1.5,
      absolute: `${seconds(behindMs)} behind, ${seconds(aloneMs)} alone`,
      refused,
    };
  },
};

const CAP_USD = 0.05;
const IN_FLIGHT = 16;

/** A cap on a model with a list price: what was spent beyond it. */
const cap: LaneCase = {
  name: 'cap',
  title: `a sweep with a cap of ${CAP_USD} USD`,
  async measure(bench) {
    const model = 'sim/claude-haiku-4-5';
    await prepareServer(bench, { limits: {}, latency: constantLatency(200) });
    await bench.api('PUT', `/v1/lanes/${model}`, { maxInFlight: IN_FLIGHT });
    const id = await submit(
      bench.api,
      plainSweep(model, 2_000, { budget: { usd: CAP_USD }, sampling: { maxTokens: 300 } }),
    );
    const sweep = await settledSweep(bench.api, id);
    const { admitted, refused } = await readTraffic(bench);
    await bench.api('POST', `/v1/sweeps/${id}/cancel`);
    const callUsd = sweep.spend.usd / admitted.length;
    return {
      ratio: sweep.spend.usd / CAP_USD,
      target: 'cap + calls in flight',
      isMet: sweep.stateReason === 'budget_exhausted' && sweep.spend.usd <= CAP_USD + IN_FLIGHT * callUsd,
      absolute: `${sweep.spend.usd.toFixed(5)} USD in ${admitted.length} calls of ${callUsd.toFixed(6)} USD`,
      refused,
    };
  },
};

type Api = BenchStack['api'];

async function openTeam({ api, as }: BenchStack, name: string, weight: number): Promise<Api> {
  const team = await api('POST', '/v1/teams', { name, weight });
  const key = await api('POST', '/v1/api-keys', { team: team['id'], name, scopes: ['read', 'submit'] });
  return as(String(key['key']));
}

async function submit(api: Api, spec: object): Promise<string> {
  return String((await api('POST', '/v1/sweeps', spec))['id']);
}

async function readSweep(api: Api, id: string): Promise<SweepView> {
  return (await api('GET', `/v1/sweeps/${id}`)) as unknown as SweepView;
}

/** Waits until a sweep stopped. */
async function settledSweep(api: Api, id: string): Promise<SweepView> {
  for (;;) {
    const sweep = await readSweep(api, id);
    if (!['planning', 'running'].includes(sweep.state)) return sweep;
    await sleep(250);
  }
}

export const SWEEP_CASES: LaneCase[] = [caching, weights, smallBehindHuge, cap];
