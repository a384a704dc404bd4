import assert from 'node:assert/strict';
import { suite, test, type TestContext } from 'node:test';
import type { AfVerdict, Outcome, ResolvedSweep } from '@crosscheck/contracts';
import {
  claimTrials,
  completeSweep,
  inTransaction,
  listUnfolded,
  moveSweep,
  OUTCOME_CODES,
  type OutcomeCode,
  openPool,
  openRecorder,
  type Pool,
  type Recorder,
  readMetrics,
  readOutcomeCodes,
  readPromptOrder,
  readSweep,
  retryTrials,
  type SweepRow,
  type TrialRecord,
  type UnfoldedSweep,
} from '@crosscheck/store';
import fc from 'fast-check';
import { addSweep, SPEC, settledRecord } from '../../packages/store/test/support.ts';
import { type Board } from '../../services/aggregator/src/board.ts';
import { makeFolding } from '../../services/aggregator/src/fold.ts';
import { type Folds, makeFolds } from '../../services/aggregator/src/folds.ts';
import { loadBoard } from '../../services/aggregator/src/load-board.ts';
import { openDatabase } from '../support/postgres.ts';

const TWO_GRADERS: ResolvedSweep = {
  ...SPEC,
  graders: [
    ...SPEC.graders,
    { id: 'af', kind: 'regex', measures: 'af_reasoning', pattern: 'x', then: 'yes', else: 'no' },
  ],
};
const OUTCOMES: Outcome[] = ['complied', 'refused', 'undecided', 'api_refusal', 'judge_failed', 'truncated'];

/** What may happen to a sweep between two folds; `pick` chooses among the trials that it can happen to. */
const act = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('settle' as const),
      pick: fc.nat(15),
      outcome: fc.constantFrom(...OUTCOMES),
      af: fc.constantFrom<(AfVerdict | null)[]>('yes', 'no', 'no_reasoning', null),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('handBack' as const), pick: fc.nat(15) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('retry' as const),
      outcomes: fc.subarray([...OUTCOMES, 'cancelled'] as Outcome[], { minLength: 1 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('fold' as const), by: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('newLeader' as const), by: fc.nat(1) }) },
);
type Act = typeof act extends fc.Arbitrary<infer Value> ? Value : never;

type Ground = { pool: Pool; recorder: Recorder; aggregators: [Folds, Folds] };

async function openGround(t: TestContext): Promise<Ground> {
  let close = async () => {};
  t.after(() => close());
  const { url } = await openDatabase(t);
  const pool = openPool({ url, name: 'test', max: 4 });
  close = () => pool.end();
  return {
    pool,
    recorder: openRecorder({ pool, worker: 'w' }),
    aggregators: [makeFolds({ pool }), makeFolds({ pool })],
  };
}

async function claim(pool: Pool, sweepId: string): Promise<{ id: string; epoch: number }[]> {
  await claimTrials(pool, { laneId: 'mock/m', sweepId, limit: 100 });
  const { rows } = await pool.query<{ id: string; epoch: number }>(
    `select id, epoch from trial where sweep_id = $1 and state = 'queued' order by id`,
    [sweepId],
  );
  return rows;
}

async function perform(ground: Ground, sweep: SweepRow, what: Act): Promise<void> {
  const { pool, recorder, aggregators } = ground;
  switch (what.kind) {
    case 'settle':
    case 'handBack': {
      const claims = await claim(pool, sweep.id);
      const taken = claims[what.pick % Math.max(1, claims.length)];
      if (taken) await recorder.record(what.kind === 'settle' ? answered(taken, what) : handedBack(taken));
      return;
    }
    case 'retry':
      await retryTrials(pool, { id: sweep.id, teamId: sweep.teamId, outcomes: what.outcomes });
      return;
    case 'cancel':
      await moveSweep(pool, { id: sweep.id, teamId: sweep.teamId, to: 'cancelled' });
      return;
    case 'fold':
      await foldAll(pool, aggregators[what.by] as Folds);
      return;
    case 'newLeader':
      aggregators[what.by]?.keepOnly(new Set());
  }
}

function answered(
  taken: { id: string; epoch: number },
  { outcome, af }: { outcome: Outcome; af: AfVerdict | null },
): TrialRecord {
  const record = settledRecord(taken, { to: { state: 'settled', outcome } });
  const [first] = record.verdicts;
  if (!first || outcome === 'api_refusal') return { ...record, verdicts: [] };
  const said = { ...first, label: outcome };
  return {
    ...record,
    verdicts: [
      said,
      ...(af ? [{ ...first, ordinal: 1, grader: 'af', measures: 'af_reasoning' as const, label: af }] : []),
    ],
  };
}

function handedBack(taken: { id: string; epoch: number }): TrialRecord {
  return { ...settledRecord(taken), to: { state: 'planned', delayMs: 0 }, response: null, verdicts: [] };
}

/** Trials of the contrast's treatment, by id. */
async function readTreated(pool: Pool, sweepId: string): Promise<Set<string>> {
  const { rows } = await pool.query<{ id: string }>('select id from trial where sweep_id = $1 and condition = 0', [
    sweepId,
  ]);
  return new Set(rows.map(({ id }) => id));
}

/** As the aggregator's round does: what moved, or what is due. */
async function foldAll(pool: Pool, folds: Folds): Promise<void> {
  for (const sweep of await listUnfolded(pool)) {
    if (sweep.moved || !sweep.isFolded) await folds.fold(sweep);
  }
}

/** The metrics that a look at all rows gives, by the code of the fold; and the rows themselves by an aggregation in SQL. */
async function recount(pool: Pool, sweep: SweepRow) {
  const order = await readPromptOrder(pool, sweep.id);
  const board = await inTransaction(pool, (db) => loadBoard(db, sweep, order.length));
  assert.deepEqual(lettersOf(board, sweep), await readLetters(pool, sweep));
  return { settled: board.settled, ...plain(makeFolding(sweep.spec, board, { order, ordered: true })()) };
}

function lettersOf({ codes, starts, shape }: Board, { spec }: SweepRow): string[] {
  return spec.conditions.flatMap((_, condition) =>
    spec.graders.flatMap((__, grader) => {
      const [from, to] = [starts[condition * shape.prompts], starts[(condition + 1) * shape.prompts]];
      return String.fromCharCode(...(codes[grader] as Uint8Array).subarray(from, to));
    }),
  );
}

async function readLetters(pool: Pool, sweep: SweepRow): Promise<string[]> {
  return (await readOutcomeCodes(pool, sweep.id)).map(({ prompts }) => prompts.join(''));
}

/** As JSON brings it back. */
function plain<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value;
}

async function assertFolded(pool: Pool, sweepId: string): Promise<void> {
  const sweep = (await readSweep(pool, null, sweepId)) as SweepRow;
  const { computedAt: _computedAt, stops: _stops, ...stored } = await readMetrics(pool, sweepId);
  const { answeredBy, ...counted } = await recount(pool, sweep);
  assert.deepEqual(stored, counted);
  assert.ok(sweep.isFolded);
  if (answeredBy !== null) assert.equal(sweep.provenance, answeredBy);
}

suite('metrics of a sweep that moves', () => {
  test('after any history, what two aggregators folded bit by bit is what a recount gives', async (t) => {
    const ground = await openGround(t);
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 4, maxLength: 30 }), async (history) => {
        const sweep = await addSweep(ground.pool, { prompts: 4, spec: TWO_GRADERS });
        for (const what of history) await perform(ground, sweep, what);
        await foldAll(ground.pool, ground.aggregators[0]);
        await assertFolded(ground.pool, sweep.id);
        await ground.pool.query('delete from sweep where id = $1', [sweep.id]);
      }),
      { numRuns: 25 },
    );
  });

  test('an outcome that commits while others are read is in the next fold, however late it comes', async (t) => {
    const { pool, recorder, aggregators } = await openGround(t);
    const [folds] = aggregators;
    const sweep = await addSweep(pool, { prompts: 4, spec: TWO_GRADERS });
    const [slow, ...quick] = await claim(pool, sweep.id);
    assert.ok(slow);
    const writer = await pool.connect();
    await writer.query('begin');
    await writer.query(`update trial set state = 'settled', outcome = 'refused', settled_at = now() where id = $1`, [
      slow.id,
    ]);
    for (const trial of quick.slice(0, 3)) await recorder.record(settledRecord(trial));
    await foldAll(pool, folds);
    assert.equal((await readMetrics(pool, sweep.id)).settled, 3);
    for (const trial of quick.slice(3, 6)) await recorder.record(settledRecord(trial));
    await foldAll(pool, folds);
    await writer.query('commit');
    writer.release();
    await foldAll(pool, folds);
    assert.equal((await readMetrics(pool, sweep.id)).settled, 7);
    await assertFolded(pool, sweep.id);
  });

  test('a sweep that gets other graders is folded by them', async (t) => {
    const { pool, recorder, aggregators } = await openGround(t);
    const sweep = await addSweep(pool, { prompts: 2 });
    for (const trial of await claim(pool, sweep.id))
      await recorder.record(answered(trial, { outcome: 'complied', af: 'yes' }));
    await foldAll(pool, aggregators[0]);
    await pool.query('update sweep set spec = $2, spec_hash = $3, folded_settled = -1 where id = $1', [
      sweep.id,
      { ...SPEC, graders: TWO_GRADERS.graders },
      'another',
    ]);
    await foldAll(pool, aggregators[0]);
    await assertFolded(pool, sweep.id);
    const { cells } = await readMetrics(pool, sweep.id);
    assert.deepEqual(cells.map(({ grader, metric }) => `${grader} ${metric}`).slice(0, 2), [
      'rule compliance_rate',
      'af af_rate',
    ]);
  });

  test('a sweep whose trial is planned again after its last fold does not complete', async (t) => {
    const { pool, recorder, aggregators } = await openGround(t);
    const sweep = await addSweep(pool, { prompts: 1 });
    for (const trial of await claim(pool, sweep.id)) await recorder.record(settledRecord(trial));
    await foldAll(pool, aggregators[0]);
    assert.equal(await retryTrials(pool, { id: sweep.id, teamId: sweep.teamId, outcomes: ['complied'] }), 4);
    assert.equal(await completeSweep(pool, sweep.id), null);
    for (const trial of await claim(pool, sweep.id)) await recorder.record(settledRecord(trial));
    assert.equal((await completeSweep(pool, sweep.id))?.state, 'completed');
  });

  test('a fold that found nothing new writes nothing', async (t) => {
    const { pool, recorder, aggregators } = await openGround(t);
    const sweep = await addSweep(pool, { prompts: 1 });
    const [trial] = await claim(pool, sweep.id);
    assert.ok(trial);
    await recorder.record(settledRecord(trial));
    await foldAll(pool, aggregators[0]);
    const [unfolded] = (await listUnfolded(pool)) as [UnfoldedSweep];
    const before = await readMetrics(pool, sweep.id);
    await aggregators[0].fold(unfolded);
    assert.deepEqual((await readMetrics(pool, sweep.id)).computedAt, before.computedAt);
  });

  test('a decided cell ends, what is on its way is finished, and what is planned again in it ends again', async (t) => {
    const { pool, recorder, aggregators } = await openGround(t);
    const stop = { rules: [{ kind: 'gap-decided', contrast: 'tier' } as const], minPrompts: 20 };
    const sweep = await addSweep(pool, { prompts: 40, spec: { ...SPEC, samples: 1, stop } });
    const claims = await claimTrials(pool, { laneId: 'mock/m', sweepId: sweep.id, limit: 64 });
    const treated = await readTreated(pool, sweep.id);
    for (const trial of claims.slice(0, 60)) {
      const outcome = treated.has(trial.id) ? 'complied' : 'refused';
      await recorder.record(answered(trial, { outcome, af: null }));
    }
    await foldAll(pool, aggregators[0]);
    for (const trial of claims.slice(60)) await recorder.record(answered(trial, { outcome: 'refused', af: null }));
    await foldAll(pool, aggregators[0]);
    const { stops, contrasts } = await readMetrics(pool, sweep.id);
    assert.equal(
      stops.reduce((sum, { trials }) => sum + trials, 0),
      16,
    );
    assert.equal(contrasts[0]?.sequencePrompts, 32);
    assert.ok((await completeSweep(pool, sweep.id)) !== null);

    assert.equal(await retryTrials(pool, { id: sweep.id, teamId: sweep.teamId, outcomes: ['cancelled'] }), 16);
    assert.deepEqual((await readMetrics(pool, sweep.id)).stops, []);
    await foldAll(pool, aggregators[1]);
    assert.equal((await readMetrics(pool, sweep.id)).stops.length, 2);
    assert.deepEqual(await claimTrials(pool, { laneId: 'mock/m', sweepId: sweep.id, limit: 1 }), []);
  });

  test('every letter stands for one word', () => {
    const words = Object.values(OUTCOME_CODES);
    assert.equal(new Set(words).size, words.length);
    const letters: OutcomeCode[] = Object.keys(OUTCOME_CODES) as OutcomeCode[];
    assert.ok(letters.every((letter) => letter.length === 1 && letter.charCodeAt(0) < 128));
  });
});
