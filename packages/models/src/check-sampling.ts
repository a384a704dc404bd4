import type { Dialect, Sampling } from '@crosscheck/contracts';
import type { CatalogModel } from './catalog-schema.ts';
import { findModel } from './catalog.ts';
import { DIALECT_TRAITS, SAMPLING_API_VERSION } from './dialects.ts';
import { DEFAULT_MAX_TOKENS } from './request-body.ts';

/** A field of the sampling that the provider would refuse, or ignore without a word. */
export type SamplingProblem = { field: string; got: unknown; expected: string; detail: string };

export type SamplingQuestion = {
  /** the model's id at the provider */
  model: string;
  dialect: Dialect;
  sampling: Sampling;
  /** the provider's `anthropic-version`, when it pins one */
  apiVersion?: string;
};

/**
 * What a planner must know before it enqueues thousands of calls: a field that a model does not take is an error of every trial, and one
 * that a server ignores makes two conditions the same treatment under two names. A model that is not in the catalogue is judged by its
 * dialect alone.
 *
 * @returns empty when everything will be honoured
 */
export function checkSampling(question: SamplingQuestion): SamplingProblem[] {
  const known = DIALECT_TRAITS[question.dialect].managesThinking ? findModel(question.model) : null;
  return [
    ...checkRandomness(question, known),
    ...checkDialectFields(question),
    ...checkThinking(question, known),
    ...checkMaxTokens(question, known),
  ];
}

function checkRandomness(
  { model, dialect, sampling, apiVersion }: SamplingQuestion,
  known: CatalogModel | null,
): SamplingProblem[] {
  if (DIALECT_TRAITS[dialect].takesSampling) return [];
  const takes = known?.capabilities.sampling ?? 'version-2023-06-01';
  const supported = takes === 'any' || (takes === 'version-2023-06-01' && apiVersion === SAMPLING_API_VERSION);
  if (supported) return [];
  const expected = takes === 'none' ? 'left out' : `left out, or a provider with apiVersion ${SAMPLING_API_VERSION}`;
  return (['temperature', 'topP', 'topK'] as const)
    .filter((field) => sampling[field] !== undefined)
    .map((field) => problem(field, sampling[field], expected, `${model} takes no ${field} with this API version`));
}

function checkDialectFields({ dialect, sampling }: SamplingQuestion): SamplingProblem[] {
  const { takesSeed, takesTopK, managesThinking } = DIALECT_TRAITS[dialect];
  const ignored = [
    ...(takesSeed ? [] : (['seed'] as const)),
    ...(takesTopK ? [] : (['topK'] as const)),
    ...(managesThinking ? [] : (['thinking', 'effort'] as const)),
  ];
  return ignored
    .filter((field) => sampling[field] !== undefined)
    .map((field) => problem(field, sampling[field], 'left out', `the ${dialect} dialect has no ${field}`));
}

function checkThinking({ sampling }: SamplingQuestion, known: CatalogModel | null): SamplingProblem[] {
  const { thinking, effort } = sampling;
  const capability = known?.capabilities.thinking ?? null;
  if (thinking === undefined) return [];
  const { type, budgetTokens } = thinking;
  const maxTokens = sampling.maxTokens ?? DEFAULT_MAX_TOKENS;
  const problems: SamplingProblem[] = [];
  if (capability !== null && !capability.types.some((possible) => possible === type)) {
    const expected = capability.types.join(' or ');
    problems.push(problem('thinking.type', type, expected, `${known?.id} does not take thinking of the type ${type}`));
  }
  const isOff = type === 'disabled' || type === 'between_tools';
  const capped = capability?.canBeOff.endsWith('effort-up-to-high') === true;
  if (isOff && capped && (effort === 'xhigh' || effort === 'max')) {
    problems.push(problem('effort', effort, 'low, medium or high', `${known?.id} thinks at effort ${effort}`));
  }
  if (type === 'enabled' && (budgetTokens === undefined || budgetTokens >= maxTokens)) {
    const expected = `1024 or more and less than maxTokens, which is ${maxTokens}`;
    problems.push(
      problem('thinking.budgetTokens', budgetTokens, expected, 'enabled thinking needs a budget inside maxTokens'),
    );
  }
  if (type !== 'enabled' && budgetTokens !== undefined) {
    problems.push(
      problem('thinking.budgetTokens', budgetTokens, 'left out', `thinking of the type ${type} has no budget`),
    );
  }
  return problems;
}

function checkMaxTokens({ sampling }: SamplingQuestion, known: CatalogModel | null): SamplingProblem[] {
  const [asked, most] = [sampling.maxTokens ?? DEFAULT_MAX_TOKENS, known?.maxOutputTokens ?? Infinity];
  return asked <= most
    ? []
    : [problem('maxTokens', asked, `at most ${most}`, `${known?.id} answers with at most ${most} tokens`)];
}

function problem(field: string, got: unknown, expected: string, detail: string): SamplingProblem {
  return { field: `sampling.${field}`, got, expected, detail };
}
