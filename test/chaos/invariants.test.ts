import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type Db, inTransaction } from '@crosscheck/store';
import {
  type Call,
  checkLedger,
  checkPaidTwice,
  countInFlight,
  countPaidTwice,
} from '../../tools/chaos/check-calls.ts';
import { checkMetrics } from '../../tools/chaos/check-metrics.ts';
import {
  checkCounters,
  checkDuplicates,
  checkOutcomes,
  checkPrompts,
  checkSpend,
} from '../../tools/chaos/check-rows.ts';
import { checkAtTheEnd } from '../../tools/chaos/invariants.ts';
import { type House, makePrompts, openHouse, SWEEP } from '../support/house.ts';

class Undo extends Error {}

/** What the checks say of a database in which this was done; nothing of it stays. */
async function saysAfter({ pool }: House, sweepId: string, calls: Call[], sql: string): Promise<string> {
  let said: string[] = [];
  const work = inTransaction(pool, async (db: Db) => {
    assert.ok((await db.query(sql)).rowCount, sql);
    said = [
      ...(await checkOutcomes(db, sweepId, { isOver: true })),
      ...(await checkCounters(db, sweepId)),
      ...(await checkSpend(db)),
      ...(await checkDuplicates(db, sweepId)),
      ...(await checkPrompts(db, sweepId)),
      ...(await checkLedger(db, calls, [])),
      ...checkPaidTwice(await countPaidTwice(db, calls, [])),
      ...(await checkMetrics(db, sweepId)),
    ];
    throw new Undo();
  });
  await assert.rejects(work, Undo);
  return said.join('\n');
}

const FIRST = '(select min(id) from trial)';
const ANSWERED = `(select min(id) from attempt where kind = 'ok' and grader is null)`;
/** Two answers to different prompts. */
const PAIR = `(select min(trial_id) from response r join trial t on t.id = r.trial_id where t.prompt = 0),
  (select min(trial_id) from response r join trial t on t.id = r.trial_id where t.prompt = 1)`;

const CORRUPTIONS: [what: string, sql: string, says: RegExp][] = [
  ['a trial is gone', `delete from trial where id = ${FIRST}`, /1 trials more or less than planned/],
  [
    'a trial has no outcome',
    `update trial set state = 'queued', outcome = null, settled_at = null where id = ${FIRST}`,
    /1 trials without an outcome at the end/,
  ],
  ['an answer is gone', `delete from response where trial_id = ${FIRST}`, /without their answer/],
  [
    'a counter is one too high',
    `update cell_count set n = n + 1 where key = 'refused' and model = 0 and condition = 0`,
    /cell 0\/0: the counter refused says (\d+)/,
  ],
  [
    'a call is dearer than was charged',
    `update attempt set cost_pico_usd = cost_pico_usd + 1 where id = ${ANSWERED}`,
    /was charged/,
  ],
  [
    'a call was recorded twice',
    `insert into attempt (trial_id, sweep_id, epoch, lane_id, started_at, latency_ms, kind, code, detail, request_id, request_hash,
       uncached_tokens, cache_write_5m_tokens, cache_write_1h_tokens, cache_read_tokens, output_tokens, thinking_tokens, cost_pico_usd,
       cost_status, worker)
     select trial_id, sweep_id, epoch, lane_id, started_at, latency_ms, kind, code, detail, request_id, request_hash, uncached_tokens,
       cache_write_5m_tokens, cache_write_1h_tokens, cache_read_tokens, output_tokens, thinking_tokens, cost_pico_usd, cost_status, worker
     from attempt where id = ${ANSWERED}`,
    /1 calls that stand in the ledger twice/,
  ],
  [
    'two answers stand with each other’s prompt',
    `with pair (a, b) as (select ${PAIR}), both_of as (select r.* from response r, pair where r.trial_id in (a, b))
     update response r set text = o.text, request_hash = o.request_hash, request_id = o.request_id
     from both_of o where r.trial_id in (select trial_id from both_of) and o.trial_id <> r.trial_id`,
    /2 trials were asked or answered with another request/,
  ],
  [
    'two texts are exchanged',
    `with pair (a, b) as (select ${PAIR}), both_of as (select r.* from response r, pair where r.trial_id in (a, b))
     update response r set text = o.text from both_of o where r.trial_id in (select trial_id from both_of) and o.trial_id <> r.trial_id`,
    /2 answers that stand with another prompt than the provider answered/,
  ],
  [
    'a call was never made',
    `update attempt set request_id = 'req_none' where id = ${ANSWERED}`,
    /1 answers in the ledger that the provider never gave/,
  ],
  [
    'tokens are wrong',
    `update attempt set output_tokens = output_tokens + 1 where id = ${ANSWERED}`,
    /with other tokens than the provider counted/,
  ],
  [
    'a call is not in the ledger',
    `delete from attempt where id = ${ANSWERED}`,
    /1 answers that are not in the ledger[^]*1 answers were paid for twice/,
  ],
  [
    'a metric is off',
    `update metric_cell set estimate = estimate + 0.001 where estimate is not null`,
    /cells differ from a new fold/,
  ],
];

suite('the checks of the chaos suite', () => {
  test('find nothing in a sweep that went well, and each corruption of its rows', async (t) => {
    const house = await openHouse(t);
    const id = await house.submit({ ...SWEEP, samples: 2 }, makePrompts(6));
    await house.reached(id, ['completed']);
    const response = await fetch(`${house.simulator.controlUrl}/log`);
    const { entries } = (await response.json()) as { entries: Call[] };
    const calls = entries.filter(({ route }) => route.endsWith('/messages'));

    const { found } = await checkAtTheEnd(house.pool, { sweepIds: [id], calls, losses: [] });
    assert.deepEqual([...found.values()].flat(), []);
    for (const [what, sql, says] of CORRUPTIONS) assert.match(await saysAfter(house, id, calls, sql), says, what);
    // And nothing of that stayed.
    const again = await checkAtTheEnd(house.pool, { sweepIds: [id], calls, losses: [] });
    assert.deepEqual([...again.found.values()].flat(), []);
  });

  test('allow as many lost calls as were in flight, and no more', () => {
    const call = (atMs: number, waitMs: number) => ({ atMs, waitMs }) as Call;
    const calls = [call(1_000, 500), call(1_400, 500), call(5_000, 100)];
    assert.equal(countInFlight(calls, [{ fromMs: 1_450, toMs: 1_450 }]), 2);
    assert.equal(countInFlight(calls, [{ fromMs: 3_000, toMs: 3_000 }]), 0);
    assert.equal(countInFlight(calls, [{ fromMs: 3_000, toMs: 6_000 }]), 1);
    assert.deepEqual(checkPaidTwice({ calls: 2, inFlightAtFaults: 2 }), []);
    assert.equal(checkPaidTwice({ calls: 3, inFlightAtFaults: 2 }).length, 1);
    assert.equal(checkPaidTwice({ calls: -1, inFlightAtFaults: 2 }).length, 1);
  });
});
