import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { isFinished, type ResolvedSweep, type SweepState } from '@crosscheck/contracts';
import { readProgress } from '@crosscheck/store';
import fc from 'fast-check';
import { checkNow } from '../../tools/chaos/invariants.ts';
import { constantLatency, type House, makePrompts, openHouse, SWEEP } from '../support/house.ts';
import { type HouseApi, openHouseApi } from '../support/house-api.ts';
import { redisMissing } from '../support/redis.ts';
import { until } from '../support/until.ts';

const RUNS = Number(process.env['CROSSCHECK_TEST_RUNS'] ?? 5);
/** A rule and a judge. */
const SPEC: ResolvedSweep = {
  ...SWEEP,
  models: ['sim/sonnet35-like'],
  samples: 1,
  graders: SWEEP.graders.slice(0, 2),
};
const PROMPTS = 6;

/** What somebody may ask of a sweep; `url` from its id. */
const ACTS = {
  pause: (id: string) => [`/v1/sweeps/${id}/pause`, {}],
  resume: (id: string) => [`/v1/sweeps/${id}/resume`, {}],
  cancel: (id: string) => [`/v1/sweeps/${id}/cancel`, {}],
  retryFailed: (id: string) => [`/v1/sweeps/${id}/retry`, {}],
  retryCancelled: (id: string) => [`/v1/sweeps/${id}/retry`, { outcomes: ['cancelled'] }],
  retryAll: (id: string) => [
    `/v1/sweeps/${id}/retry`,
    { outcomes: ['cancelled', 'infra_failed', 'judge_failed', 'refused', 'complied'] },
  ],
  replay: (id: string) => ['/v1/dead-letters/replay', { sweep: id }],
  moreSamples: (id: string) => [`/v1/sweeps/${id}/extend`, { samples: 1 }],
  morePrompts: (id: string) => [`/v1/sweeps/${id}/extend`, { prompts: [{ id: `x${Math.random()}`, text: 'more' }] }],
} satisfies Record<string, (id: string) => [string, object]>;
type Act = keyof typeof ACTS;

/** Several acts at once, each a moment after the other, once some more trials have settled. */
type Step = { acts: Act[]; afterSettled: number };

const step: fc.Arbitrary<Step> = fc.record({
  acts: fc.array(fc.constantFrom(...(Object.keys(ACTS) as Act[])), { minLength: 1, maxLength: 4 }),
  afterSettled: fc.integer({ min: 0, max: 8 }),
});

async function readState(
  { pool }: House,
  id: string,
): Promise<{ state: SweepState; planned: number; settled: number }> {
  const { rows } = await pool.query<{ state: SweepState; planned: number }>(
    'select state, planned from sweep where id = $1',
    [id],
  );
  const { settled = 0 } = (await readProgress(pool, [id])).get(id) ?? {};
  return { state: 'planning', planned: 0, ...rows[0], settled };
}

/** The first of these: so many more have settled, or the sweep does not move by itself. */
async function untilSettledMore(house: House, id: string, more: number): Promise<void> {
  const from = (await readState(house, id)).settled;
  await until('some trials have settled', async () => {
    const { state, settled } = await readState(house, id);
    return settled >= from + more || isFinished(state) || state === 'paused';
  });
}

async function act({ ask }: HouseApi, id: string, name: Act): Promise<void> {
  const [url, body] = ACTS[name](id) as [string, object];
  const { status, text } = await ask('POST', url, body);
  // Done, or refused because of the state that another act left.
  assert.ok([200, 202, 409].includes(status), `${name}: ${status} ${text}`);
}

async function expectSound({ pool }: House, id: string, { isOver }: { isOver: boolean }): Promise<void> {
  const found = await checkNow(pool, [id], { isOver });
  assert.deepEqual([...found.values()].flat(), []);
}

async function play(house: House, api: HouseApi, steps: Step[]): Promise<void> {
  const id = await house.submit({ ...SPEC, seed: Math.floor(Math.random() * 1e6) }, makePrompts(PROMPTS));
  for (const { acts, afterSettled } of steps) {
    await untilSettledMore(house, id, afterSettled);
    await Promise.all(acts.map((name) => act(api, id, name)));
    await expectSound(house, id, { isOver: false });
  }
  await until(
    'the sweep ends once nobody holds it',
    async () => {
      const { state, planned, settled } = await readState(house, id);
      if (state === 'paused') await act(api, id, 'resume');
      return isFinished(state) && planned === settled;
    },
    { timeoutMs: 60_000 },
  );
  await expectSound(house, id, { isOver: true });
}

suite('acts on one sweep at the same time, in any order', () => {
  for (const redis of [false, true]) {
    test(
      `leave it in a legal state with counters that equal its rows (queue in ${redis ? 'Redis' : 'Postgres'})`,
      { skip: redis && redisMissing() },
      async (t) => {
        const house = await openHouse(t, {
          redis,
          workers: 2,
          logLevel: 'silent',
          simulator: { tenant: { latency: constantLatency(10), faults: [{ kind: '400', p: 0.05 }] } },
        });
        const api = await openHouseApi(t, house);
        await fc.assert(
          fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 6 }), (steps) => play(house, api, steps)),
          { numRuns: RUNS, endOnFailure: true },
        );
      },
    );
  }
});
