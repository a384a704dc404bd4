/** The commands of a backup, on a service that is at work: what they keep, and that it goes on elsewhere by itself. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { openPool, type Pool } from '@crosscheck/store';
import { checkNow } from '../../tools/chaos/invariants.ts';
import { startBeside } from '../support/crew.ts';
import { makePrompts, openHouse, SWEEP } from '../support/house.ts';
import { openDatabase } from '../support/postgres.ts';
import { openRedis, redisMissing } from '../support/redis.ts';
import { until } from '../support/until.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const run = promisify(execFile);

const command =
  (url: string) =>
  async (name: 'backup' | 'restore', ...args: string[]): Promise<string> => {
    const { PATH, HOME, NODE_COMPILE_CACHE } = process.env;
    const env = { PATH, HOME, NODE_COMPILE_CACHE, DATABASE_URL: url };
    return (await run(process.execPath, [`tools/${name}.ts`, ...args], { cwd: ROOT, env })).stderr;
  };

function openFolder(t: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'crosscheck-backup-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

async function readSweep(pool: Pool, id: string) {
  const { rows } = await pool.query<{ state: string; settled: number; planned: number; finished: Date | null }>(
    `select state, planned, finished_at as finished, (select count(*)::int from trial where sweep_id = sweep.id and state = 'settled') as settled
     from sweep where id = $1`,
    [id],
  );
  assert.ok(rows[0], `sweep ${id} is not there`);
  return rows[0];
}

/** Every number that a reader of the sweep sees. */
async function readMetrics(pool: Pool, id: string): Promise<unknown[]> {
  const { rows } = await pool.query(
    `select to_jsonb(m) as metric from metric_cell m where sweep_id = $1
     union all select to_jsonb(m) from metric_contrast m where sweep_id = $1 order by 1`,
    [id],
  );
  assert.ok(rows.length > 0);
  return rows;
}

suite('a backup of a service at work', () => {
  test(
    'restored beside an empty Redis goes on and finishes by itself, with what it would have measured',
    { skip: redisMissing() },
    async (t) => {
      let end = async () => {};
      t.after(() => end());
      const house = await openHouse(t, { redis: true, latencyMs: 40 });
      const target = await openDatabase(t, { migrated: false });
      const file = path.join(openFolder(t), 'crosscheck.backup');
      const spec = { ...SWEEP, models: ['sim/sonnet35-like'] };
      const finished = await house.submit(spec, makePrompts(6));
      await house.reached(finished, ['completed']);
      const running = await house.submit({ ...spec, samples: 5 }, makePrompts(40));
      await until('it is well under way', async () => (await readSweep(house.pool, running)).settled > 60);

      assert.match(await command(house.url)('backup', file), /kept 2 sweeps with 436 trials in .*crosscheck\.backup/);
      assert.equal(statSync(file).mode & 0o777, 0o600, 'answers are for their owner to read');
      assert.match(await command(target.url)('restore', file), /restored 2 sweeps with 436 trials, as they were at 20/);

      const pool = openPool({ url: target.url, name: 'test', max: 3 });
      end = () => pool.end();
      const before = await readSweep(pool, running);
      assert.equal(before.state, 'running');
      assert.ok(before.settled > 60 && before.settled < before.planned, `${before.settled} of ${before.planned}`);
      const elsewhere = { ...house, pool, url: target.url, redis: await openRedis(t) };
      await Promise.all(
        (['scheduler', 'worker', 'aggregator'] as const).map((service) => startBeside(t, elsewhere, service)),
      );
      const isOver = async (of: Pool) => (await readSweep(of, running)).state === 'completed';
      await until('it ends elsewhere', () => isOver(pool), { timeoutMs: 60_000 });
      await until('it ends at home', () => isOver(house.pool), { timeoutMs: 60_000 });

      for (const id of [finished, running])
        assert.deepEqual(await readMetrics(pool, id), await readMetrics(house.pool, id));
      const violations = [...(await checkNow(pool, [finished, running], { isOver: true })).values()].flat();
      assert.deepEqual(violations, []);
    },
  );

  test('its commands say what they cannot do, and change nothing then', async (t) => {
    const { url } = await openDatabase(t);
    const folder = openFolder(t);
    const [file, other] = [path.join(folder, 'a'), path.join(folder, 'b')];
    const ask = command(url);
    await ask('backup', file);
    assert.match(
      await ask('restore', '--check', file),
      /whole: 0 sweeps with 0 trials, as they were at .* \(migration \d+\)/,
    );
    await assert.rejects(ask('backup', file), /a is there already: take another name/);
    await assert.rejects(ask('restore', file, '--sure'), /there is no --sure\nusage: npm run restore/);
    await assert.rejects(ask('restore', '-', '--force'), /--force wants a file/);
    truncateSync(file, statSync(file).size - 9);
    await assert.rejects(ask('restore', '--check', file), /this is no whole backup|ends early/);
    writeFileSync(other, 'PGDMP');
    await assert.rejects(ask('restore', other), /this is no whole backup/);
    const { url: empty } = await openDatabase(t, { migrated: false });
    const none = path.join(folder, 'none');
    await assert.rejects(command(empty)('backup', none), /there is nothing to back up/);
    assert.ok(!existsSync(none) && !existsSync(`${none}.partial`));
  });
});
