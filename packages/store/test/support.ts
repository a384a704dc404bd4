import { hash } from 'node:crypto';
import type { TestContext } from 'node:test';
import type { ResolvedSweep } from '@crosscheck/contracts';
import {
  createSweep,
  createTeam,
  ensureLane,
  ensureProvider,
  openPool,
  planTrials,
  type Pool,
  type SweepRow,
  type TrialRecord,
  writeDataset,
} from '@crosscheck/store';
import { openDatabase } from '../../../test/support/postgres.ts';

/** A pool on a database of the test's own. */
export async function openStore(t: TestContext): Promise<Pool & { url: string }> {
  let close = async () => {};
  // Hooks run in the order they were given: this one comes before the one that drops the database.
  t.after(() => close());
  const { url } = await openDatabase(t);
  const pool = openPool({ url, name: 'test' });
  close = () => pool.end();
  return Object.assign(pool, { url });
}

export const SPEC: ResolvedSweep = {
  name: 'tiers',
  study: null,
  conditions: ['free', 'paid'].map((id) => ({
    id,
    system: `you are ${id}`,
    user: '{{prompt}}',
    expects: {},
    labels: {},
  })),
  models: ['mock/m'],
  samples: 2,
  sampling: { maxTokens: 100 },
  graders: [{ id: 'rule', kind: 'regex', measures: 'compliance', pattern: 'yes', then: 'complied', else: 'refused' }],
  contrasts: [{ id: 'tier', treatment: 'free', control: 'paid' }],
  seed: 7,
  priority: 5,
  budget: null,
  labels: {},
};

export type SweepOptions = {
  prompts?: number;
  spec?: ResolvedSweep;
  team?: string;
  plan?: boolean;
  idempotency?: { key: string; requestHash: string };
};

/** A sweep of `prompts` × 2 conditions × 2 samples on the lane mock/m, planned and running unless `plan` is false. */
export async function addSweep(
  pool: Pool,
  { prompts = 3, spec = SPEC, team = `team ${Math.random()}`, plan = true, idempotency }: SweepOptions = {},
): Promise<SweepRow> {
  const { rows } = await pool.query<{ id: string }>('select id from team where name = $1', [team]);
  const teamId = rows[0]?.id ?? (await createTeam(pool, { name: team, weight: 1 })).id;
  await ensureProvider(pool, 'mock', { dialect: 'anthropic', baseUrl: 'http://127.0.0.1:9' });
  await ensureLane(pool, {
    id: 'mock/m',
    providerId: 'mock',
    pool: 'm',
    limits: { requestsPerMinute: 600, inputTokensPerMinute: null, outputTokensPerMinute: null, maxInFlight: 8 },
  });
  const dataset = await writeDataset(pool, {
    teamId,
    name: 'inline',
    prompts: Array.from({ length: prompts }, (_, i) => ({ id: `p${i}`, text: `prompt ${i}` })),
  });
  const { sweep } = await createSweep(pool, {
    teamId,
    spec,
    specHash: 'hash',
    datasetId: dataset.id,
    planned: prompts * spec.conditions.length * spec.models.length * spec.samples,
    budgetPicoUsd: null,
    quote: {},
    conditions: spec.conditions.map(({ id, system }) => ({
      id,
      fingerprint: `f-${id}`,
      systemHash: hash('md5', system ?? ''),
    })),
    models: spec.models.map((ref) => ({ ref, laneId: 'mock/m' })),
    judges: [],
    ...(idempotency ? { idempotency } : {}),
  });
  if (plan) await planTrials(pool, { sweepId: sweep.id, spec, blockPrompts: 2 });
  return sweep;
}

/** What a worker records of a trial that complied, at a cost of 7 pico-USD. */
export function settledRecord(claim: { id: string; epoch: number }, changes: Partial<TrialRecord> = {}): TrialRecord {
  return {
    trialId: claim.id,
    epoch: claim.epoch,
    to: { state: 'settled', outcome: 'complied' },
    response: {
      text: 'yes',
      thinking: null,
      stopReason: 'end_turn',
      refusalCategory: null,
      model: 'm',
      requestId: 'req_1',
      requestHash: 'h',
      simulated: true,
      parseStatus: 'ok',
      parseFlags: [],
      marker: 'none',
    },
    verdicts: [
      {
        ordinal: 0,
        grader: 'rule',
        measures: 'compliance',
        label: 'complied',
        score: null,
        votes: 1,
        version: 'v1',
        detail: {},
      },
    ],
    attempts: [
      {
        grader: null,
        laneId: 'mock/m',
        startedAt: new Date(),
        latencyMs: 12,
        kind: 'ok',
        code: 'ok',
        detail: '',
        httpStatus: 200,
        requestId: 'req_1',
        requestHash: 'h',
        usage: { uncached: 10, cacheWrite5m: 0, cacheWrite1h: 0, cacheRead: 5, output: 3, thinking: 0 },
        costPicoUsd: 7n,
        costStatus: 'exact',
        priceTable: 't',
      },
    ],
    ...changes,
  };
}
