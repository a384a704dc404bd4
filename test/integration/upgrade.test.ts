/** What an earlier build wrote, under this one; and what it goes on writing while this one takes over. */
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { knownSchemaNumber, migrate, openPool } from '@crosscheck/store';
import { openStack } from '../../tools/stack.ts';
import { restoreOldDatabase } from '../support/old-database.ts';
import { openDatabase } from '../support/postgres.ts';
import { until } from '../support/until.ts';

type Sweep = { id: string; state: string; attempts: number; progress: { outcomes: Record<string, number> } };
type Metrics = { cells: { n: number; metric: string; estimate: number }[]; contrasts: { pairs: number }[] };

const NEXT = {
  name: 'after the upgrade',
  dataset: { prompts: ['a', 'b', 'c'].map((id) => ({ id, text: `Matter ${id}` })) },
  conditions: ['free', 'paid'].map((id) => ({ id, user: `<tier>${id}</tier>\n{{prompt}}` })),
  models: ['sim/sonnet35-like'],
  samples: 2,
  graders: [{ id: 'judge', kind: 'judge', model: 'sim/judge-1', rubric: 'compliance' }],
  contrasts: [{ id: 'tier', treatment: 'free', control: 'paid' }],
  seed: 7,
};

suite('an upgrade', () => {
  test('keeps what an earlier build measured, and new sweeps run beside it', async (t) => {
    const { url: databaseUrl } = await openDatabase(t, { migrated: false });
    assert.equal((await restoreOldDatabase(databaseUrl)).rows.get('trial'), 12);
    const ask = await openServer(t, databaseUrl);

    const { items } = await ask<{ items: Sweep[] }>('GET', '/v1/sweeps');
    assert.deepEqual(
      items.map(({ state, attempts, progress }) => ({ state, attempts, outcomes: progress.outcomes })),
      [{ state: 'completed', attempts: 24, outcomes: { complied: 5, refused: 7 } }],
    );
    const old = await ask<Metrics>('GET', `/v1/sweeps/${items[0]?.id}/metrics`);
    assert.deepEqual([old.cells.map(({ n }) => n), old.contrasts[0]?.pairs], [[6, 6], 3]);

    const { id } = await ask<{ id: string }>('POST', '/v1/sweeps', NEXT);
    const next = await until(
      'the new sweep ends',
      async () => {
        const sweep = await ask<Sweep>('GET', `/v1/sweeps/${id}`);
        return sweep.state === 'completed' && sweep;
      },
      { timeoutMs: 60_000 },
    );
    assert.equal(
      Object.values(next.progress.outcomes).reduce((sum, n) => sum + n, 0),
      12,
    );
  });

  test('leaves room for what services of the version before still write', async (t) => {
    const { url } = await openDatabase(t, { migrated: false });
    const { rows } = await restoreOldDatabase(url, { upTo: await knownSchemaNumber() });
    assert.deepEqual([rows.get('trial'), rows.get('response'), rows.get('attempt')], [12, 12, 24]);
  });

  test('takes over every row, from each migration on', async (t) => {
    const { url } = await openDatabase(t, { migrated: false });
    await restoreOldDatabase(url);
    const known = await knownSchemaNumber();
    for (let number = 9; number <= known; number++) assert.equal(await migrate({ url, upTo: number }), 1);
    const pool = openPool({ url, name: 'test', max: 1 });
    t.after(() => pool.end());
    const { rows } = await pool.query<{ trials: number; answers: number; bytes: number }>(
      `select (select count(*)::int from trial) as trials, (select count(*)::int from response where text_hash = hashtext(text)) as answers,
        (select response_bytes::int from sweep_storage) as bytes`,
    );
    assert.deepEqual([rows[0]?.trials, rows[0]?.answers], [12, 12]);
    assert.ok((rows[0]?.bytes ?? 0) > 1_000, 'storage is counted for what was there');
  });
});

async function openServer(t: TestContext, databaseUrl: string) {
  const folder = mkdtempSync(path.join(tmpdir(), 'crosscheck-upgrade-'));
  const output = new PassThrough();
  output.resume();
  const { HOME, PATH } = process.env;
  const env = {
    HOME,
    PATH,
    LOG_LEVEL: 'silent',
    DATABASE_URL: databaseUrl,
    CROSSCHECK_PORT: '0',
    CROSSCHECK_DATA_DIR: folder,
  };
  const stack = await openStack({ output, env });
  t.after(async () => {
    await stack.close();
    rmSync(folder, { recursive: true });
  });
  return async <Answer>(method: string, route: string, body?: object): Promise<Answer> => {
    const response = await fetch(`${stack.url}${route}`, {
      method,
      headers: { authorization: `Bearer ${stack.adminKey}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    assert.ok(response.ok, `${method} ${route}: ${response.status} ${text}`);
    return JSON.parse(text) as Answer;
  };
}
