import { type BenchStack, constantLatency, runSweep } from '../../bench-support.ts';
import { type Finding, type LaneCase, plainSweep, seconds } from './lane-case.ts';
import { type Arrival, perSecond, prepareServer, rateBetween, readTraffic, spanS, type Traffic } from './traffic.ts';

const one = (): number => 1;
const counted = ({ inputTokens, cacheReadTokens }: Arrival): number => inputTokens - cacheReadTokens;
const generated = ({ outputTokens }: Arrival): number => outputTokens;
/** Of what the server saw of it, not of its own limits. */
const refusedShare = ({ refused, admitted }: Traffic): number => refused / (refused + admitted.length);

/** 600 a minute, enforced as 10 a second with a burst of 10, answers after 200 ms. */
const requests: LaneCase = {
  name: 'requests',
  title: '600 requests a minute, 200 ms',
  async measure(bench, { quick }): Promise<Finding> {
    const n = quick ? 150 : 1_000;
    await prepareServer(bench, { limits: { requests: 600 }, latency: constantLatency(200) });
    await bench.api('PUT', '/v1/lanes/sim/no-effect', { requestsPerMinute: 600 });
    const { runningMs } = await runSweep(bench.api, plainSweep('sim/no-effect', n));
    const { admitted, refused } = await readTraffic(bench);
    const idealMs = (n - 10) * 100 + 200;
    const ratio = runningMs / idealMs;
    // So few trials are over before what starting and ending take has become small: they show that alone.
    const isInTime = quick ? runningMs - idealMs <= 1_500 : ratio <= 1.03;
    return {
      ratio,
      target: `${quick ? '<= 1.5 s over' : '<= 1.03 x'}, no 429`,
      isMet: isInTime && refused === 0 && admitted.length === n,
      absolute: `${seconds(runningMs)} for ${n} trials, ideal ${seconds(idealMs)}`,
      refused,
      chart: { unit: 'requests/s', limitPerS: 10, perSecond: perSecond(admitted, one) },
    };
  },
};

/** A lane bound by tokens: what is used of the budget between the first seconds and the last trials. */
function tokenCase(what: 'input' | 'output', perMinute: number, model: string): LaneCase {
  const amount = what === 'input' ? counted : generated;
  return {
    name: `${what}-tokens`,
    title: `${perMinute.toLocaleString('en')} ${what} tokens a minute`,
    async measure(bench, { quick }) {
      await prepareServer(bench, { limits: { [what]: perMinute }, latency: constantLatency(200) });
      await bench.api('PUT', `/v1/lanes/${model}`, { [`${what}TokensPerMinute`]: perMinute });
      await runSweep(bench.api, wordySweep(model, quick ? 300 : 500));
      const traffic = await readTraffic(bench);
      const perS = rateBetween(traffic.admitted, 5, spanS(traffic.admitted) - 1, amount);
      const ratio = perS / (perMinute / 60);
      return {
        ratio,
        target: '>= 95 %, <= 0.5 % 429',
        isMet: ratio >= 0.95 && refusedShare(traffic) <= 0.005,
        absolute: `${Math.round(perS * 60).toLocaleString('en')} tokens a minute`,
        refused: traffic.refused,
        chart: { unit: `${what} tokens/s`, limitPerS: perMinute / 60, perSecond: perSecond(traffic.admitted, amount) },
      };
    },
  };
}

/** Prompts between 200 and 3,000 bytes, in an order that has nothing to do with their length. */
function wordySweep(model: string, n: number): object {
  const text = (index: number): string => `question ${index} `.repeat(14 + ((index * 7_919) % 200));
  return plainSweep(model, n, {
    dataset: { prompts: Array.from({ length: n / 2 }, (_, index) => ({ id: `p${index}`, text: text(index) })) },
  });
}

/** Answers that take 5 s: 333 have to be under way at any time. */
const slowAnswers: LaneCase = {
  name: 'slow-answers',
  title: '4,000 requests a minute, 5 s',
  async measure(bench, { quick }) {
    const n = quick ? 1_600 : 3_600;
    await prepareServer(bench, { limits: { requests: 4_000 }, latency: constantLatency(5_000) });
    await bench.api('PUT', '/v1/lanes/sim/always-comply', { requestsPerMinute: 4_000 });
    await runSweep(bench.api, plainSweep('sim/always-comply', n));
    const { admitted, refused, inFlightMax } = await readTraffic(bench);
    const perS = rateBetween(admitted, 8, spanS(admitted) - 2, one);
    const ratio = perS / (4_000 / 60);
    return {
      ratio,
      target: '>= 95 %',
      isMet: ratio >= 0.95,
      absolute: `${perS.toFixed(1)} of 66.7 requests/s, ${inFlightMax} in flight`,
      refused,
      chart: { unit: 'requests/s', limitPerS: 4_000 / 60, perSecond: perSecond(admitted, one) },
    };
  },
};

/** Configured to 600 a minute, and the server gives 300. */
const half: LaneCase = {
  name: 'half',
  title: 'configured 600 a minute, the server gives 300',
  async measure(bench, { quick }) {
    const tailS = quick ? 20 : 60;
    await prepareServer(bench, { limits: { requests: 300 }, latency: constantLatency(200) });
    await bench.api('PUT', '/v1/lanes/sim/always-refuse', { requestsPerMinute: 600 });
    const { id } = await bench.api('POST', '/v1/sweeps', plainSweep('sim/always-refuse', 1_000));
    const { admitted, refused } = await trafficAfter(bench, 62 + tailS);
    await bench.api('POST', `/v1/sweeps/${String(id)}/cancel`);
    const perS = rateBetween(admitted, 60, 60 + tailS, one);
    return {
      ratio: perS / 5,
      target: '>= 90 % from 60 s on',
      isMet: perS / 5 >= 0.9,
      absolute: `${perS.toFixed(2)} of 5.00 requests/s between 60 s and ${60 + tailS} s`,
      refused,
      chart: { unit: 'requests/s', limitPerS: 5, perSecond: perSecond(admitted, one) },
    };
  },
};

/** Waits until the log spans so many seconds since its first arrival. */
async function trafficAfter(bench: BenchStack, afterS: number): Promise<Traffic> {
  for (;;) {
    const traffic = await readTraffic(bench);
    if (spanS(traffic.admitted) >= afterS) return traffic;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}

export const RATE_CASES: LaneCase[] = [
  requests,
  tokenCase('input', 300_000, 'sim/lexical'),
  tokenCase('output', 60_000, 'sim/drift'),
  slowAnswers,
  half,
];
