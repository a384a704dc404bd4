import {
  type Condition,
  type Contrast,
  CrosscheckError,
  parseModelRef,
  type Prompt,
  type ResolvedCondition,
  type ResolvedSweep,
  type SweepSpec,
  TRIALS_MAX,
} from '@crosscheck/contracts';
import { checkPlaceholders } from './placeholders.ts';
import { checkRequestSize, requestShapes } from './request-size.ts';
import { resolveGraders } from './resolve-graders.ts';
import { resolveModelLabels } from './resolve-model-labels.ts';
import { resolveStop } from './resolve-stop.ts';
import { warnOfSameTwice } from './same-twice.ts';
import type { FindStudy, StudyFill } from './study.ts';
import { warnOfTierInSystem } from './tier-in-system.ts';

export const MAX_TOKENS_DEFAULT = 2_000;

/** A sweep that can be planned. `prompts` is null where the sweep names an uploaded dataset. */
export type PlannableSweep = ResolvedSweep & { prompts: Prompt[] | null; warnings: string[] };

/**
 * Makes every choice that a sweep leaves open: from its study, else by default. What the sweep says itself always wins.
 *
 * @throws CrosscheckError with the field that is wrong: STUDY_UNKNOWN, SWEEP_INVALID, ID_DUPLICATE, REFERENCE_UNKNOWN, MODEL_UNKNOWN,
 *   PLACEHOLDER_MISSING, PLACEHOLDER_UNKNOWN, REQUEST_TOO_LARGE, SWEEP_TOO_LARGE
 */
export function resolveSweep(spec: SweepSpec, { findStudy }: { findStudy: FindStudy }): PlannableSweep {
  const fill = fillFromStudy(spec, findStudy);
  const conditions = resolveConditions(spec.conditions ?? fill?.conditions ?? []);
  const graders = spec.graders ?? fill?.graders ?? [];
  const contrasts = resolveContrasts(spec.contrasts ?? fill?.contrasts ?? [], conditions);
  const prompts = resolvePrompts(spec, fill);
  const sampling = { ...fill?.sampling, ...spec.sampling };
  const sweep: PlannableSweep = {
    name: spec.name,
    study: spec.study ?? null,
    conditions,
    models: resolveModels(spec.models),
    samples: spec.samples ?? fill?.samples ?? 1,
    sampling: { ...sampling, maxTokens: sampling.maxTokens ?? MAX_TOKENS_DEFAULT },
    graders: resolveGraders(requireSome(graders, 'graders', 'a grader: nothing would be measured')),
    contrasts,
    seed: spec.seed ?? 0,
    priority: spec.priority ?? 5,
    budget: spec.budget === undefined ? null : { allowUnpriced: false, ...spec.budget },
    labels: spec.labels ?? {},
    prompts,
    warnings: [...warnOfTierInSystem(conditions, contrasts), ...warnOfSameTwice(conditions, prompts)],
  };
  requireUnique(graders, 'graders');
  if (spec.modelLabels) sweep.modelLabels = resolveModelLabels(spec.modelLabels, sweep.models);
  if (spec.keepTranscriptsDays !== undefined) sweep.keepTranscriptsDays = spec.keepTranscriptsDays;
  if (spec.stop) sweep.stop = resolveStop(spec.stop, sweep);
  checkPlaceholders(conditions, prompts);
  const shapes = requestShapes(conditions);
  for (const prompt of prompts ?? []) checkRequestSize(shapes, prompt);
  if (prompts !== null) checkSize(sweep, prompts.length);
  return sweep;
}

/** Trials that a sweep plans: the whole cross. */
export function countTrials(sweep: Pick<ResolvedSweep, 'conditions' | 'models' | 'samples'>, prompts: number): number {
  return prompts * sweep.conditions.length * sweep.models.length * sweep.samples;
}

/** @throws CrosscheckError SWEEP_TOO_LARGE; call it with the size of the dataset when that is known only later */
export function checkSize(sweep: Pick<ResolvedSweep, 'conditions' | 'models' | 'samples'>, prompts: number): void {
  const trials = countTrials(sweep, prompts);
  if (trials <= TRIALS_MAX) return;
  throw new CrosscheckError('SWEEP_TOO_LARGE', `The sweep plans ${trials} trials, and one may plan ${TRIALS_MAX}.`, {
    got: trials,
    expected: `at most ${TRIALS_MAX}: fewer prompts, conditions, models or samples`,
  });
}

function fillFromStudy(spec: SweepSpec, findStudy: FindStudy): StudyFill | null {
  if (spec.study === undefined) {
    if (spec.options === undefined) return null;
    throw new CrosscheckError('SWEEP_INVALID', 'Options are a study’s, and the sweep names no study.', {
      field: 'options',
    });
  }
  const study = findStudy(spec.study);
  if (study !== null) return study.fill(spec);
  throw new CrosscheckError('STUDY_UNKNOWN', `There is no study "${spec.study}".`, { field: 'study', got: spec.study });
}

function resolveConditions(conditions: readonly Condition[]): ResolvedCondition[] {
  requireUnique(requireSome(conditions, 'conditions', 'a condition'), 'conditions');
  return conditions.map(({ id, system, user, expects, labels }) => ({
    id,
    system: system ?? null,
    user: user ?? '{{prompt}}',
    expects: expects ?? {},
    labels: labels ?? {},
  }));
}

function resolveModels(models: readonly string[]): string[] {
  models.forEach((model, index) => {
    if (parseModelRef(model) !== null) return;
    throw new CrosscheckError('MODEL_UNKNOWN', `"${model}" does not name a model.`, {
      field: `models[${index}]`,
      got: model,
      expected: 'provider/model',
    });
  });
  requireUnique(
    requireSome(models, 'models', 'a model').map((id) => ({ id })),
    'models',
    '',
  );
  return [...models];
}

function resolveContrasts(
  contrasts: readonly Contrast[],
  conditions: readonly ResolvedCondition[],
): Required<Contrast>[] {
  const known = new Set(conditions.map(({ id }) => id));
  const resolved = contrasts.map(({ id, treatment, control }, index) => {
    requireKnown(treatment, known, `contrasts[${index}].treatment`);
    requireKnown(control, known, `contrasts[${index}].control`);
    if (treatment === control) {
      throw new CrosscheckError(
        'SWEEP_INVALID',
        `A contrast compares two conditions, and this one names "${control}" twice.`,
        {
          field: `contrasts[${index}].control`,
          got: control,
        },
      );
    }
    return { id: id ?? `${treatment}-${control}`, treatment, control };
  });
  requireUnique(resolved, 'contrasts');
  return resolved;
}

function resolvePrompts({ dataset }: SweepSpec, fill: StudyFill | null): Prompt[] | null {
  if (dataset !== undefined && !('prompts' in dataset)) return null;
  const prompts = dataset?.prompts ?? fill?.prompts ?? [];
  requireUnique(requireSome(prompts, 'dataset', 'a dataset: its id, its name or its prompts'), 'dataset.prompts');
  return [...prompts];
}

function requireSome<T>(items: readonly T[], field: string, what: string): readonly T[] {
  if (items.length > 0) return items;
  throw new CrosscheckError('SWEEP_INVALID', `The sweep needs ${what}.`, { field });
}

function requireKnown(id: string, known: ReadonlySet<string>, field: string): void {
  if (known.has(id)) return;
  throw new CrosscheckError('REFERENCE_UNKNOWN', `The sweep has no condition "${id}".`, {
    field,
    got: id,
    expected: [...known].join(', '),
  });
}

function requireUnique(items: readonly { id: string }[], field: string, part = '.id'): void {
  const seen = new Set<string>();
  items.forEach(({ id }, index) => {
    if (seen.has(id)) {
      throw new CrosscheckError('ID_DUPLICATE', `"${id}" is used twice.`, {
        field: `${field}[${index}]${part}`,
        got: id,
      });
    }
    seen.add(id);
  });
}
