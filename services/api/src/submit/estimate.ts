import type { JudgeGrader, ResolvedSweep } from '@crosscheck/contracts';
import { findModel } from '@crosscheck/models';
import type { TokensPerByte } from './count-sample.ts';

/** What the prompts of a dataset weigh, bytes. */
export type PromptSizes = { prompts: number; meanBytes: number; maxBytes: number };
export type Estimate = { low: number; expected: number; high: number };

/** English text in UTF-8 under the tokenizers before 4.7; the newer one counts about 30 % more tokens for the same text. */
const BYTES_PER_TOKEN = 3.6;
const NEW_TOKENIZER_FACTOR = 1.3;
/** Role markers and the like around each call. */
const TOKENS_PER_CALL = 12;
/** Answers rarely reach maxTokens: a refusal takes about 100 tokens, an answer some 400, private reasoning another 500. */
const OUTPUT = { low: 100, answer: 400, reasoning: 500 };
/** A built-in rubric with its examples, and a judge's verdict with reasons and quotes. */
const RUBRIC_TOKENS = 900;
const VERDICT = { low: 60, expected: 150, maxDefault: 1_024 };

/** Calls and tokens of one model in one role; the prompt tokens that all calls of a condition share stand apart, for they may be cached. */
export type Load = {
  ref: string;
  role: 'subject' | 'judge';
  calls: Estimate;
  /** per call */
  sharedTokens: number;
  ownTokens: Estimate;
  outputTokens: Estimate;
  /** distinct shared prefixes */
  prefixes: number;
};

/** What a sweep will ask of each of its models. Tokens come from bytes, or from a sample at best, so everything is a range. */
export function estimateLoads(
  sweep: ResolvedSweep,
  sizes: PromptSizes,
  tokensPerByte: TokensPerByte = new Map(),
): Load[] {
  const subjects = sweep.models.flatMap((ref) =>
    sweep.conditions.map((condition) => toSubjectLoad(ref, condition, { sweep, sizes, tokensPerByte })),
  );
  const judges = sweep.graders.flatMap((grader) =>
    grader.kind === 'judge' ? [toJudgeLoad(grader, sweep, sizes)] : [],
  );
  return [...subjects, ...judges];
}

function toSubjectLoad(
  ref: string,
  condition: ResolvedSweep['conditions'][number],
  { sweep, sizes, tokensPerByte }: { sweep: ResolvedSweep; sizes: PromptSizes; tokensPerByte: TokensPerByte },
): Load {
  const counted = tokensPerByte.get(ref);
  const count = counted === undefined ? counterFor(ref) : (bytes: number) => Math.ceil(bytes * counted);
  const calls = sizes.prompts * sweep.samples;
  const turn = Buffer.byteLength(condition.user);
  const { maxTokens } = sweep.sampling;
  const usual = OUTPUT.answer + (condition.expects.scratchpad === true ? OUTPUT.reasoning : 0);
  return {
    ref,
    role: 'subject',
    calls: exactly(calls),
    sharedTokens: count(Buffer.byteLength(condition.system ?? '')),
    ownTokens: around(count(turn + sizes.meanBytes) + TOKENS_PER_CALL, counted === undefined ? GUESSED : COUNTED),
    outputTokens: { low: Math.min(maxTokens, OUTPUT.low), expected: Math.min(maxTokens, usual), high: maxTokens },
    prefixes: 1,
  };
}

/** A judge reads the prompt and the answer; votes stop as soon as they are decided, and `when` may spare the call. */
function toJudgeLoad(grader: JudgeGrader, sweep: ResolvedSweep, sizes: PromptSizes): Load {
  const count = counterFor(grader.model);
  const most = grader.maxTokens ?? VERDICT.maxDefault;
  const { maxTokens } = sweep.sampling;
  const isOwnRubric = (grader.rubric ?? '').length > 100;
  const read = (answer: number) => count(sizes.meanBytes) + Math.min(maxTokens, answer) + TOKENS_PER_CALL;
  return {
    ref: grader.model,
    role: 'judge',
    calls: countVotes(grader, sweep, sizes.prompts),
    sharedTokens: isOwnRubric ? count(Buffer.byteLength(grader.rubric ?? '')) : RUBRIC_TOKENS,
    ownTokens: { low: read(OUTPUT.low), expected: read(OUTPUT.answer), high: read(maxTokens) },
    outputTokens: { low: Math.min(most, VERDICT.low), expected: Math.min(most, VERDICT.expected), high: most },
    prefixes: 1,
  };
}

/** A judge of reasoning has nothing to read where a condition asks for none; a clear case is decided by half of the votes and one more. */
function countVotes(
  { votes = 1, when, measures, rubric }: JudgeGrader,
  sweep: ResolvedSweep,
  prompts: number,
): Estimate {
  const readsReasoning = measures === 'af_reasoning' || rubric === 'af-reasoning';
  const readable = sweep.conditions.filter(({ expects }) => !readsReasoning || expects.scratchpad === true).length;
  const trials = prompts * sweep.samples * sweep.models.length;
  const decided = Math.floor(votes / 2) + 1;
  const usual = trials * readable * ((decided + votes) / 2);
  return {
    low: when === undefined ? trials * readable * decided : 0,
    expected: Math.ceil(when === undefined ? usual : usual / 2),
    high: trials * sweep.conditions.length * votes,
  };
}

/** Bytes to tokens, by the tokenizer of the model where the catalogue knows it. */
function counterFor(ref: string): (bytes: number) => number {
  const model = findModel(ref.slice(ref.indexOf('/') + 1));
  const factor = model?.tokenizer === '4.7+' ? NEW_TOKENIZER_FACTOR : 1;
  return (bytes) => Math.ceil((bytes / BYTES_PER_TOKEN) * factor);
}

const exactly = (count: number): Estimate => ({ low: count, expected: count, high: count });
/** Bytes per token vary by language and kind of text by about a quarter; a count leaves what a sample leaves. */
const GUESSED = { low: 0.75, high: 1.35 };
const COUNTED = { low: 0.9, high: 1.15 };
const around = (count: number, spread: { low: number; high: number }): Estimate => ({
  low: Math.floor(count * spread.low),
  expected: count,
  high: Math.ceil(count * spread.high),
});
