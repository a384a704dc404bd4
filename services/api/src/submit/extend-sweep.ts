import {
  CrosscheckError,
  type Extended,
  type ExtensionSpec,
  type Quote,
  type ResolvedSweep,
} from '@crosscheck/contracts';
import { checkSize, fingerprintOf, fingerprintSweep } from '@crosscheck/experiment';
import {
  assertExtensible,
  type DatasetRow,
  type ExtensionRow,
  extendSweep,
  findAcceptedExtension,
  listProviders,
  measurePrompts,
  readDataset,
  readProgress,
  readPrompts,
  readSweep,
  type SweepRow,
  writeDataset,
} from '@crosscheck/store';
import type { ApiDeps } from '../deps.ts';
import { toExtensionView } from '../status/extension-view.ts';
import { toIdempotency } from './accept-sweep.ts';
import { type AddedPrompts, findAddedPrompts, joinPrompts } from './added-prompts.ts';
import { countSample } from './count-sample.ts';
import { checkBudget, quoteParts, reservesOf } from './quote.ts';
import { makeResolveModels } from './resolve-models.ts';

const LIST_TIMEOUT_MS = 1_500;
const SAMPLE_PROMPTS = 3;
const PICO_USD = 1e12;
const SAMPLES_MAX = 1_000;

export type ToExtend = { sweep: SweepRow; extension: ExtensionSpec; idempotencyKey: string | undefined };

/** Makes the growth of sweeps. Every check comes before the first write, so that what is refused leaves nothing behind. */
export function makeExtend({
  pool,
  clock,
  modelListTimeoutMs = LIST_TIMEOUT_MS,
}: Pick<ApiDeps, 'pool' | 'clock' | 'modelListTimeoutMs'>): (input: ToExtend) => Promise<Extended> {
  const resolveModels = makeResolveModels({
    listProviders: () => listProviders(pool),
    listTimeoutMs: modelListTimeoutMs,
    env: process.env,
  });

  /** What the new trials would take, and the most that one of them may cost. */
  async function quote(grown: ResolvedSweep, dataset: DatasetRow, added: AddedPrompts | null, samples: number) {
    const models = await resolveModels(grown);
    const first = await readPrompts(pool, dataset.id, { from: 0, limit: SAMPLE_PROMPTS });
    const prompts = added && added.first.length > 0 ? added.first : first;
    const tokensPerByte = await countSample({
      sweep: grown,
      models,
      prompts,
      env: process.env,
      timeoutMs: modelListTimeoutMs,
    });
    const sizes = { prompts: dataset.prompts, ...(await measurePrompts(pool, dataset.id)) };
    const input = { sweep: grown, models, tokensPerByte, at: new Date(clock.nowMs()) };
    const parts = [
      ...(samples > 0 ? [{ samples, sizes }] : []),
      ...(added ? [{ samples: grown.samples, sizes: added.sizes }] : []),
    ];
    const maxBytes = Math.max(sizes.maxBytes, added?.sizes.maxBytes ?? 0);
    return { quote: quoteParts(input, parts), reserves: reservesOf({ ...input, sizes: { ...sizes, maxBytes } }) };
  }

  return async function extend({ sweep, extension, idempotencyKey }) {
    const idempotency = toIdempotency(idempotencyKey, fingerprintOf({ extend: sweep.id, ...extension }));
    const earlier = idempotency && (await findAcceptedExtension(pool, sweep.teamId, idempotency));
    if (earlier) return answer(earlier, { warnings: [], replayed: true });
    const dataset = await requireGrowable(sweep, extension);
    const { samples = 0 } = extension;
    const added = await findAddedPrompts(pool, sweep, extension, SAMPLE_PROMPTS);
    const grown = { ...sweep.spec, samples: sweep.spec.samples + samples };
    const promptsAfter = dataset.prompts + (added?.sizes.prompts ?? 0);
    requireGrowth(grown, samples, added);
    checkSize(grown, promptsAfter);
    const cost = await quote(grown, dataset, added, samples);
    const warnings = await checkMoney(sweep, cost.quote);
    const target = added && added.sizes.prompts > 0 ? await keepJoined(sweep, added) : dataset;
    const made = await extendSweep(pool, {
      sweepId: sweep.id,
      teamId: sweep.teamId,
      specHashBefore: sweep.specHash,
      spec: grown,
      specHash: fingerprintSweep(grown, target.version),
      datasetId: target.id,
      promptsAfter,
      trials: cost.quote.trials,
      quote: cost.quote,
      reserves: cost.reserves,
      idempotency,
    });
    return answer(made.extension, { warnings, replayed: made.replayed });
  };

  async function requireGrowable(sweep: SweepRow, { prompts, dataset }: ExtensionSpec): Promise<DatasetRow> {
    if (sweep.provenance === 'imported' || sweep.datasetId === null)
      throw new CrosscheckError('STATE_CONFLICT', 'the sweep was imported: it has no trials that could be run', {
        field: 'provenance',
        got: sweep.provenance,
      });
    assertExtensible({ state: sweep.state, isPlanned: sweep.startedAt !== null });
    if (prompts !== undefined && dataset !== undefined)
      throw new CrosscheckError('BODY_INVALID', 'the new prompts are given twice: send prompts or a dataset', {
        field: 'dataset',
      });
    return (await readDataset(pool, sweep.teamId, sweep.datasetId)) as DatasetRow;
  }

  /** The rules of a submission, over what is left of the budget. */
  async function checkMoney(sweep: SweepRow, quoted: Quote): Promise<string[]> {
    if (sweep.budgetPicoUsd === null) return [];
    const spent = (await readProgress(pool, [sweep.id])).get(sweep.id)?.spentPicoUsd ?? 0n;
    const left = Math.max(0, Number(sweep.budgetPicoUsd - spent) / PICO_USD);
    const { allowUnpriced = false } = sweep.spec.budget ?? {};
    checkBudget({ sweep: { ...sweep.spec, budget: { usd: left, allowUnpriced } }, quote: quoted });
    if (quoted.usd === null || quoted.usd.expected <= left) return [];
    return [
      `the extension costs about ${quoted.usd.expected.toFixed(2)} USD and ${left.toFixed(2)} USD of the budget are left: the sweep will pause at its budget, which PUT /v1/sweeps/${sweep.id}/budget raises`,
    ];
  }

  async function keepJoined(sweep: SweepRow, added: AddedPrompts): Promise<DatasetRow> {
    return writeDataset(pool, {
      teamId: sweep.teamId,
      name: `extended: ${sweep.name}`,
      prompts: joinPrompts(pool, sweep, added),
    });
  }

  async function answer(
    extension: ExtensionRow,
    { warnings, replayed }: { warnings: string[]; replayed: boolean },
  ): Promise<Extended> {
    const extended = await readSweep(pool, null, extension.sweepId);
    if (extended === null)
      throw new CrosscheckError('SWEEP_DELETED', 'the sweep was deleted while it was extended', {
        got: extension.sweepId,
      });
    const { id, state, planned, spec } = extended;
    return { id, state, trials: planned, extension: toExtensionView(extension, spec), warnings, replayed };
  }
}

function requireGrowth({ samples: total }: ResolvedSweep, samples: number, added: AddedPrompts | null): void {
  if (total > SAMPLES_MAX)
    throw new CrosscheckError('SWEEP_TOO_LARGE', `the sweep would have ${total} samples of each prompt`, {
      field: 'samples',
      got: total,
      expected: `at most ${SAMPLES_MAX} in all`,
    });
  if (samples > 0 || (added && added.sizes.prompts > 0)) return;
  const detail = added ? 'the sweep has all of these prompts' : 'the extension names neither samples nor prompts';
  throw new CrosscheckError('SWEEP_EMPTY', `${detail}: there is no new trial`, {
    expected: '{"samples": n}, {"prompts": […]} or {"dataset": …} with prompts that are new to the sweep',
  });
}
