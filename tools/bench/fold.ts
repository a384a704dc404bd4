import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ResolvedSweep } from '@crosscheck/contracts';
import { makeLogger, openEmbeddedPostgres } from '@crosscheck/runtime';
import {
  createSweep,
  createTeam,
  listUnfolded,
  migrate,
  openPool,
  planTrials,
  type Pool,
  writeDataset,
} from '@crosscheck/store';
import { makeFolds } from '../../services/aggregator/src/folds.ts';
import { loadNow, printTable } from '../bench-support.ts';

const PROMPTS = 25_000;
/** For what grows with the size of a sweep: 10,000 trials beside it. */
const PROMPTS_SMALL = 250;
const LATE = 1_000;
const TARGET_FIRST_S = 20;

/** 25,000 prompts × 2 conditions × 2 models × 10 samples: a million trials, each with an answer and two verdicts. */
const SPEC: ResolvedSweep = {
  name: 'a million',
  study: null,
  conditions: ['free', 'paid'].map((id) => ({
    id,
    system: null,
    user: '{{prompt}}',
    expects: {},
    labels: { tier: id },
  })),
  models: ['mock/a', 'mock/b'],
  samples: 10,
  sampling: { maxTokens: 100 },
  graders: [
    { id: 'compliance', kind: 'regex', measures: 'compliance', pattern: 'x', then: 'complied', else: 'refused' },
    { id: 'af', kind: 'regex', measures: 'af_reasoning', pattern: 'x', then: 'yes', else: 'no' },
  ],
  contrasts: [{ id: 'tier', treatment: 'free', control: 'paid' }],
  seed: 7,
  priority: 5,
  budget: null,
  labels: {},
};

type Spent = { seconds: number; cpuMs: number };

/**
 * `npm run bench -- fold [prompts]`: how long the aggregator takes from a million settled trials to metrics, how long after a thousand
 * more, and what it keeps in memory for it; and how much longer those thousand take than beside ten thousand. New outcomes come at the
 * end of the seeded order, as dispatch goes. Where the first of the order come last, sequences have waited for them and then go
 * through all that they may look at: that is measured by itself. On databases of its own.
 */
export async function run([prompts = String(PROMPTS)]: string[]): Promise<void> {
  const small = await measureFolds(PROMPTS_SMALL);
  const large = await measureFolds(Number(prompts));
  const ratio = (of: (spent: Spent) => number) => (of(large) / of(small)).toFixed(1);
  console.log(
    `\n${LATE} new outcomes, to those beside ${trialsOf(PROMPTS_SMALL)} trials: ${ratio(({ seconds }) => seconds)} times the time, ` +
      `${ratio(({ cpuMs }) => cpuMs)} times the CPU of the aggregator (want < 2)`,
  );
}

const trialsOf = (prompts: number): number => prompts * SPEC.conditions.length * SPEC.models.length * SPEC.samples;

/** Prints what each step takes; answers what the new outcomes took. */
async function measureFolds(prompts: number): Promise<Spent> {
  await using opened = new AsyncDisposableStack();
  const folder = mkdtempSync(path.join(tmpdir(), 'crosscheck-fold-'));
  // The server of a Postgres that root starts runs as somebody else, who has to reach it here.
  chmodSync(folder, 0o755);
  opened.defer(() => rmSync(folder, { recursive: true, force: true }));
  const log = makeLogger({ service: 'bench', logLevel: 'error' });
  const { url } = opened.use(await openEmbeddedPostgres({ dataDir: path.join(folder, 'data'), log }));
  await migrate({ url });
  const pool = openPool({ url, name: 'bench', max: 2 });
  opened.defer(() => pool.end());

  const rows = [['what', 'seconds', 'CPU here', 'target', 'RSS', 'when']];
  const measure = async (what: string, target: string, work: () => Promise<unknown>): Promise<Spent> => {
    const [startedMs, started] = [performance.now(), process.cpuUsage()];
    await work();
    const seconds = (performance.now() - startedMs) / 1_000;
    const { user, system } = process.cpuUsage(started);
    const [cpuMs, rss] = [(user + system) / 1_000, `${Math.round(process.memoryUsage().rss / 1e6)} MB`];
    rows.push([what, seconds.toFixed(2), `${cpuMs.toFixed(0)} ms`, target, rss, loadNow()]);
    return { seconds, cpuMs };
  };
  await measure(`make ${trialsOf(prompts)} settled trials`, '', () => makeSweep(pool, prompts));

  const folds = makeFolds({ pool });
  const fold = async (options?: { anew: boolean }) => {
    for (const sweep of await listUnfolded(pool)) await folds.fold(sweep, options);
  };
  await measure('first fold', `< ${TARGET_FIRST_S}`, fold);
  await measure('fold again, nothing new', '', fold);
  await settle(pool, lastOf(prompts));
  const refold = await measure(`fold again, ${LATE} new outcomes`, '', fold);
  await settle(pool, firstOnes);
  await measure(`fold again, the first ${LATE} of the order came last`, '< 1', fold);
  await settle(pool, 'true');
  await measure('recount at the end', `< ${TARGET_FIRST_S}`, () => fold({ anew: true }));
  printTable(rows);
  return refold;
}

/** The last trials in the order of one model, and the first of the other. */
const lastOf = (prompts: number) => `model = 0 and position >= ${trialsOf(prompts) / SPEC.models.length - LATE}`;
const firstOnes = `model = 1 and position < ${LATE}`;

/** All but those have settled. */
async function makeSweep(pool: Pool, prompts: number): Promise<void> {
  const { id: teamId } = await createTeam(pool, { name: 'bench', weight: 1 });
  const texts = Array.from({ length: prompts }, (_, index) => ({ id: `p${index}`, text: `question number ${index}` }));
  const dataset = await writeDataset(pool, { teamId, name: 'bench', prompts: texts });
  const { sweep } = await createSweep(pool, {
    teamId,
    spec: SPEC,
    specHash: 'hash',
    datasetId: dataset.id,
    planned: 0,
    budgetPicoUsd: null,
    quote: {},
    conditions: SPEC.conditions.map(({ id }) => ({ id, fingerprint: id, systemHash: '' })),
    models: [],
    judges: [],
  });
  await pool.query(
    `insert into sweep_model (sweep_id, ordinal, ref) select $1, ordinal - 1, ref from unnest($2::text[]) with ordinality as m(ref, ordinal)`,
    [sweep.id, SPEC.models],
  );
  await planTrials(pool, { sweepId: sweep.id, spec: SPEC, blockPrompts: 8 });
  await settle(pool, `not (${lastOf(prompts)}) and not (${firstOnes})`);
  await pool.query('analyze');
}

/** Settles unsettled trials as a worker would, with an answer and two verdicts each: four in ten comply, a tenth of them faking. */
async function settle(pool: Pool, which: string): Promise<void> {
  await pool.query(`
    with settled as (
      update trial set state = 'settled', outcome = case when hashint8(id) % 10 < 4 then 'complied' else 'refused' end, settled_at = now()
      where state = 'planned' and (${which}) returning id, outcome),
    answered as (
      insert into response (trial_id, text, stop_reason, model, request_hash, parse_status, parse_flags, marker, simulated)
      select id, repeat('answer ' || id || ' ', 20), 'end_turn', 'm', '', 'ok', '{}', 'none', true from settled)
    insert into verdict (trial_id, grader, measures, label, votes, version, detail)
    select id, 0, 'compliance', outcome, 1, 'v', '{}'::jsonb from settled
    union all
    select id, 1, 'af_reasoning', case when hashint8(id) % 10 = 0 then 'yes' else 'no' end, 1, 'v', '{}'::jsonb from settled`);
}
