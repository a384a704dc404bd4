import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { makeLogger, openEmbeddedPostgres } from '@crosscheck/runtime';
import { migrate, openPool } from '@crosscheck/store';
import { loadNow, printTable } from '../bench-support.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

/** `[--trials N]`: a backup of N finished trials with answers of 1 kB, a verdict and a call each; its check, and its restoration. */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { trials: { type: 'string', default: '100000' } } });
  const trials = Number(values.trials);
  const folder = mkdtempSync(path.join(tmpdir(), 'crosscheck-bench-'));
  // The server of a Postgres that root starts runs as somebody else, who has to reach it here.
  chmodSync(folder, 0o755);
  try {
    await using server = await openEmbeddedPostgres({
      dataDir: folder,
      log: makeLogger({ service: 'bench', logLevel: 'error' }),
    });
    await measure(server.url, { trials, file: path.join(folder, 'bench.backup') });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(url: string, { trials, file }: { trials: number; file: string }): Promise<void> {
  const at = (database: string) => Object.assign(new URL(url), { pathname: `/${database}` }).href;
  const admin = openPool({ url, name: 'bench', max: 1 });
  for (const database of ['source', 'target']) await admin.query(`create database ${database}`);
  await admin.end();
  const size = await fill(at('source'), trials);
  const timeS = (database: string, ...command: string[]) => {
    const sinceMs = performance.now();
    execFileSync(process.execPath, command, {
      cwd: ROOT,
      stdio: 'inherit',
      env: { ...process.env, DATABASE_URL: at(database), REDIS_URL: '' },
    });
    return `${((performance.now() - sinceMs) / 1_000).toFixed(1)} s`;
  };
  const backup = timeS('source', 'tools/backup.ts', file);
  const check = timeS('source', 'tools/restore.ts', file, '--check');
  const restore = timeS('target', 'tools/restore.ts', file);
  console.log(`\n${trials} trials, ${size} in Postgres, ${loadNow()}`);
  printTable([
    ['what', 'time'],
    [`backup (${(statSync(file).size / 1e6).toFixed(0)} MB)`, backup],
    ['restore --check', check],
    ['restore', restore],
  ]);
}

async function fill(url: string, trials: number): Promise<string> {
  await migrate({ url });
  const pool = openPool({ url, name: 'bench', max: 1 });
  for (const statement of ROWS) await pool.query(statement.replace('$trials', String(trials)));
  const { rows } = await pool.query<{ size: string }>(
    'select pg_size_pretty(pg_database_size(current_database())) as size',
  );
  await pool.end();
  return rows[0]?.size ?? '';
}

const ROWS = [
  "insert into team (id, name) values (gen_random_uuid(), 'bench')",
  `insert into sweep (id, team_id, name, spec, spec_hash, state, planned)
   select gen_random_uuid(), id, 'bench', '{}', '', 'completed', $trials from team`,
  `insert into trial (sweep_id, model, condition, prompt, sample, position, state, outcome, settled_at, epoch)
   select sweep.id, 0, n % 2, n / 2, 0, n, 'settled', 'complied', now(), 1 from sweep, generate_series(1, $trials) n`,
  `insert into response (trial_id, text, stop_reason, model, request_hash, parse_status, parse_flags, marker, simulated)
   select id, (select string_agg(md5(id::text || n::text), ' ') from generate_series(1, 30) n), 'end_turn', 'bench', md5(id::text), 'ok', '{}',
     'none', true from trial`,
  `insert into verdict (trial_id, grader, measures, label, score, votes, version, detail)
   select id, 0, 'compliance', 'complied', 1, 1, 'bench', '{"reason": "of a bench"}' from trial`,
  `insert into attempt (trial_id, sweep_id, epoch, lane_id, started_at, latency_ms, kind, code, detail, request_hash, uncached_tokens,
     cache_write_5m_tokens, cache_write_1h_tokens, cache_read_tokens, output_tokens, thinking_tokens, cost_pico_usd, cost_status, worker)
   select id, sweep_id, 1, 'bench', now(), 1000, 'ok', 'ok', '', md5(id::text), 100, 0, 0, 0, 200, 0, 5, 'exact', 'bench' from trial`,
];
