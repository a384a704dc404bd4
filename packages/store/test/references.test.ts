import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { addSweep, openStore } from './support.ts';

const NOWHERE = '00000000-0000-7000-8000-000000000000';
const refused = { code: '23503' };

suite('references that are checked by statement', () => {
  test('no trial without its sweep, no answer and no verdict without its trial', async (t) => {
    const pool = await openStore(t);
    const sweep = await addSweep(pool);
    const cases = [
      `insert into trial (sweep_id, model, condition, prompt, sample, position) values ('${NOWHERE}', 0, 0, 0, 0, 0)`,
      `insert into trial (sweep_id, model, condition, prompt, sample, position) values ('${sweep.id}', 0, 0, 99, 0, 99), ('${NOWHERE}', 0, 0, 0, 0, 0)`,
      `insert into response (trial_id, text, stop_reason, model, request_hash, parse_status, parse_flags, marker, simulated)
       values (0, '', 'end_turn', 'm', '', 'ok', '{}', 'none', true)`,
      `insert into verdict (trial_id, grader, measures, label, votes, version, detail)
       select id, 0, 'compliance', 'complied', 1, 'v', '{}'::jsonb from (select id from trial union all select 0) t`,
    ];
    for (const statement of cases) await assert.rejects(pool.query(statement), refused, statement);
    assert.equal((await pool.query('select from verdict union all select from response')).rowCount, 0);
  });

  test('one trial that lacks among many side by side is missed', async (t) => {
    const pool = await openStore(t);
    await addSweep(pool);
    const { rows } = await pool.query<{ id: string }>(
      'delete from trial where id = (select id from trial order by id offset 2 limit 1) returning id',
    );
    const ofAll = `insert into verdict (trial_id, grader, measures, label, votes, version, detail)
      select id, grader, 'compliance', 'complied', 1, 'v', '{}'::jsonb from generate_series((select min(id) from trial), (select max(id) from trial)) id, generate_series(0, 1) grader`;
    await assert.rejects(pool.query(ofAll), {
      ...refused,
      message: `a verdict refers to trial ${rows[0]?.id}, which does not exist`,
    });
    await pool.query(`${ofAll} where id <> $1`, [rows[0]?.id]);
    assert.equal(
      (await pool.query('select from verdict')).rowCount,
      2 * ((await pool.query('select from trial')).rowCount ?? 0),
    );
  });

  test('what is deleted takes along what refers to it, and nothing else', async (t) => {
    const pool = await openStore(t);
    const [gone, kept] = [await addSweep(pool), await addSweep(pool)];
    await pool.query(
      `insert into verdict (trial_id, grader, measures, label, votes, version, detail)
       select id, 0, 'compliance', 'complied', 1, 'v', '{}'::jsonb from trial`,
    );
    await pool.query(
      `insert into response (trial_id, text, stop_reason, model, request_hash, parse_status, parse_flags, marker, simulated)
       select id, 'text', 'end_turn', 'm', '', 'ok', '{}', 'none', true from trial`,
    );
    await pool.query('delete from trial where sweep_id = $1 and position = 0', [kept.id]);
    await pool.query('delete from sweep where id = $1', [gone.id]);
    const { rows } = await pool.query<{ trials: string; verdicts: string; responses: string; kept: string }>(
      `select (select count(*) from trial) as trials, (select count(*) from verdict) as verdicts, (select count(*) from response) as responses,
         (select count(*) from trial where sweep_id = $1 and position > 0) as kept`,
      [kept.id],
    );
    const [left] = rows;
    assert.ok(Number(left?.kept) > 0);
    assert.deepEqual(left, { trials: left?.kept, verdicts: left?.kept, responses: left?.kept, kept: left?.kept });
  });
});
