import {
  CrosscheckError,
  type Quote,
  type ResolvedSweep,
  type SweepAccepted,
  type SweepSpec,
} from '@crosscheck/contracts';
import { hash } from 'node:crypto';
import {
  checkSize,
  fingerprintCondition,
  fingerprintOf,
  fingerprintSweep,
  resolveSweep,
  type PlannableSweep,
} from '@crosscheck/experiment';
import { currentTraceparent, describeSpan } from '@crosscheck/runtime';
import {
  createSweep,
  ensureLane,
  findAcceptedSweep,
  type Idempotency,
  listProviders,
  type NewSweep,
  readPrompts,
  type SweepRow,
} from '@crosscheck/store';
import type { ApiDeps } from '../deps.ts';
import { splitQuote } from '../status/sweep-view.ts';
import { countSample } from './count-sample.ts';
import { findPrompts, type FoundDataset, keepPrompts } from './find-dataset.ts';
import { checkBudget, quoteSweep, reservesOf } from './quote.ts';
import { makeResolveModels, type ResolvedModel } from './resolve-models.ts';

const LIST_TIMEOUT_MS = 1_500;
/** Prompts of which a provider is asked to count the tokens. */
const SAMPLE_PROMPTS = 3;
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,200}$/;

export type Submission = { teamId: string; spec: SweepSpec; idempotencyKey?: string | undefined };
export type Submit = {
  /** Accepts a sweep, or answers with the one that was accepted under the same key. */
  accept(submission: Submission): Promise<SweepAccepted>;
  /** The same checks and the quote, without keeping anything. */
  quote(submission: Submission): Promise<Quote & { warnings: string[] }>;
};

/** A sweep that passed every check; nothing of it is kept yet. */
type Checked = {
  sweep: ResolvedSweep;
  warnings: string[];
  dataset: FoundDataset;
  models: Map<string, ResolvedModel>;
  quote: Quote;
  reserves: Map<string, bigint>;
  budgetPicoUsd: bigint | null;
};

/**
 * Makes the way in for sweeps. Every check comes before the first write, so that what is refused leaves nothing behind.
 */
export function makeSubmit({ pool, clock, findStudy, modelListTimeoutMs = LIST_TIMEOUT_MS }: ApiDeps): Submit {
  const resolveModels = makeResolveModels({
    listProviders: () => listProviders(pool),
    listTimeoutMs: modelListTimeoutMs,
    env: process.env,
  });

  async function check({ teamId, spec }: Submission): Promise<Checked> {
    const resolved = resolveSweep(spec, { findStudy });
    const { prompts: _prompts, warnings, ...sweep } = resolved;
    const [dataset, models] = await Promise.all([
      findPrompts(pool, teamId, resolved, datasetOf(spec, resolved)),
      resolveModels(sweep),
    ]);
    checkSize(sweep, dataset.sizes.prompts);
    const prompts =
      dataset.id === null
        ? dataset.prompts.slice(0, SAMPLE_PROMPTS)
        : await readPrompts(pool, dataset.id, { from: 0, limit: SAMPLE_PROMPTS });
    const tokensPerByte = await countSample({
      sweep,
      models,
      prompts,
      env: process.env,
      timeoutMs: modelListTimeoutMs,
    });
    const input = { sweep, models, sizes: dataset.sizes, tokensPerByte, at: new Date(clock.nowMs()) };
    const quote = quoteSweep(input);
    const budgetPicoUsd = checkBudget({ sweep, quote });
    return { sweep, warnings, dataset, models, quote, reserves: reservesOf(input), budgetPicoUsd };
  }

  return {
    async accept({ teamId, spec, idempotencyKey }) {
      const idempotency = toIdempotency(idempotencyKey, fingerprintOf(spec));
      const earlier = idempotency && (await findAcceptedSweep(pool, teamId, idempotency));
      if (earlier) return toAccepted(earlier, true);
      const checked = await check({ teamId, spec });
      const { id: datasetId, version } = await keepPrompts(pool, teamId, checked.sweep.name, checked.dataset);
      for (const { lane } of checked.models.values()) await ensureLane(pool, lane);
      const made = await createSweep(pool, {
        ...toNewSweep(checked, { teamId, datasetId, version }),
        ...(idempotency ? { idempotency } : {}),
        traceparent: currentTraceparent(),
      });
      describeSpan({ 'crosscheck.sweep.id': made.sweep.id, 'crosscheck.sweep.trials': made.sweep.planned });
      return toAccepted(made.sweep, made.replayed);
    },
    async quote(submission) {
      const { quote, warnings } = await check(submission);
      return { ...quote, warnings };
    },
  };
}

/** A study may bring prompts; then `resolveSweep` has them and no dataset is looked up. */
function datasetOf(spec: SweepSpec, { prompts }: PlannableSweep): SweepSpec['dataset'] {
  return prompts === null ? spec.dataset : undefined;
}

function toNewSweep(
  { sweep, warnings, models, quote, reserves, budgetPicoUsd }: Checked,
  { teamId, datasetId, version }: { teamId: string; datasetId: string; version: string },
): NewSweep {
  const laneOf = (ref: string) => (models.get(ref) as ResolvedModel).lane.id;
  return {
    teamId,
    spec: sweep,
    specHash: fingerprintSweep(sweep, version),
    datasetId,
    planned: quote.trials,
    budgetPicoUsd,
    quote: { ...quote, warnings },
    conditions: toConditions(sweep),
    models: sweep.models.map((ref) => ({ ref, laneId: laneOf(ref), reservePicoUsd: reserves.get(ref) ?? 0n })),
    judges: sweep.graders.flatMap((grader, ordinal) =>
      grader.kind === 'judge' ? [{ grader: ordinal, laneId: laneOf(grader.model) }] : [],
    ),
  };
}

/** Trials with one system prompt share a cached prefix: the planner orders by its digest, as experiment/order.ts does. */
export function toConditions({ conditions, sampling }: ResolvedSweep): NewSweep['conditions'] {
  return conditions.map((condition) => ({
    id: condition.id,
    fingerprint: fingerprintCondition({ condition, sampling }).whole,
    systemHash: hash('md5', condition.system ?? ''),
  }));
}

/** @throws CrosscheckError QUERY_INVALID for a key that is no visible ASCII */
export function toIdempotency(key: string | undefined, requestHash: string): Idempotency | undefined {
  if (key === undefined) return undefined;
  if (!IDEMPOTENCY_KEY.test(key)) {
    throw new CrosscheckError('QUERY_INVALID', 'the Idempotency-Key is not usable', {
      field: 'Idempotency-Key',
      got: key.slice(0, 50),
      expected: '1 to 200 visible ASCII characters, such as a UUID',
    });
  }
  return { key, requestHash };
}

function toAccepted(row: SweepRow, replayed: boolean): SweepAccepted {
  return { id: row.id, state: row.state, trials: row.planned, ...splitQuote(row.quote), replayed };
}
