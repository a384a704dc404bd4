/** One sample of a prompt: 1 complied (or flagged), 0 not, null missing. */
export type Sample = 0 | 1 | null;

/** The valid samples of one prompt under one condition, counted. */
export type PromptTally = { complied: number; valid: number };

/**
 * What one prompt answered under one condition: its samples, or their counts where a database has already counted.
 * Both say the same to every function here, since nothing depends on the order of the samples of a prompt.
 */
export type PromptAnswers = readonly Sample[] | PromptTally;

/**
 * What `prompts` prompts have in common. A sweep of 20,000 prompts with ten samples each has 66 different tallies at most: figures over
 * prompts that are made of counted ones take as long as there are different ones.
 */
export type Counted<T> = { value: T; prompts: number };

/** One prompt under two conditions. */
export type TallyPair = { treatment: PromptTally; control: PromptTally };

/** @throws RangeError on counts of prompts that are not whole or below 1, and on tallies without 0 <= complied <= valid */
export function requireCounted(counted: readonly Counted<PromptTally>[]): void {
  for (const [index, { value, prompts }] of counted.entries()) {
    checked(value, index);
    if (!Number.isSafeInteger(prompts) || prompts < 1)
      throw new RangeError(`tally ${index} is of ${prompts} prompts: want a whole count of at least 1`);
  }
}

/** Each value as that of one prompt. */
export function countOnce<T>(values: readonly T[]): Counted<T>[] {
  return values.map((value) => ({ value, prompts: 1 }));
}

/**
 * Counts the valid samples of each prompt, index by index.
 *
 * @throws RangeError on what is no list and no counts, on a sample that is not 0, 1 or null, or counts without 0 <= complied <= valid
 */
export function tallyPrompts(prompts: readonly PromptAnswers[]): PromptTally[] {
  return prompts.map((answers, prompt) => {
    // Untyped JSON may hold anything here.
    if (typeof answers !== 'object' || answers === null)
      throw new RangeError(`prompt ${prompt} is ${String(answers)}: want samples, or counts of them`);
    return 'valid' in answers ? checked(answers, prompt) : tally(answers, prompt);
  });
}

function tally(samples: readonly Sample[], prompt: number): PromptTally {
  let [complied, valid] = [0, 0];
  for (const sample of samples) {
    if (sample === null) continue;
    if (sample !== 0 && sample !== 1) {
      throw new RangeError(`a sample of prompt ${prompt} is ${String(sample)}: want 0, 1 or null`);
    }
    complied += sample;
    valid += 1;
  }
  return { complied, valid };
}

function checked(counted: PromptTally, prompt: number): PromptTally {
  const { complied, valid } = counted;
  if (Number.isSafeInteger(complied) && Number.isSafeInteger(valid) && complied >= 0 && complied <= valid) {
    return counted;
  }
  throw new RangeError(
    `prompt ${prompt} complied in ${complied} of ${valid}: want whole counts with 0 <= complied <= valid`,
  );
}

const UNANSWERED: PromptTally = { complied: 0, valid: 0 };

/** The prompts that answered in both arms, and the indexes of those that answered in one only. */
export type CompletePairs = { pairs: TallyPair[]; dropped: number[] };

/** Index i is the same prompt in both arms; where one list is shorter, the rest of it is unanswered. */
export function completePairs(treatment: readonly PromptAnswers[], control: readonly PromptAnswers[]): CompletePairs {
  const [treated, controlled] = [tallyPrompts(treatment), tallyPrompts(control)];
  const complete: CompletePairs = { pairs: [], dropped: [] };
  for (let index = 0; index < Math.max(treated.length, controlled.length); index += 1) {
    const [a, b] = [treated[index] ?? UNANSWERED, controlled[index] ?? UNANSWERED];
    if (a.valid > 0 && b.valid > 0) complete.pairs.push({ treatment: a, control: b });
    else if (a.valid > 0 || b.valid > 0) complete.dropped.push(index);
  }
  return complete;
}

/** The share that complied, one number per prompt. */
export function promptMeans(tallies: readonly PromptTally[]): number[] {
  return tallies.map(meanOf);
}

export function meanOf({ complied, valid }: PromptTally): number {
  return complied / valid;
}

/** Pairs that answered in both arms, as the shares that complied in each, and how many prompts have them. */
export type PairMeans = {
  treatment: number[];
  control: number[];
  prompts: number[];
  pairs: number;
  incomplete: number;
};

/**
 * @returns pairs: prompts that answered in both arms; incomplete: prompts that answered in one only
 * @throws RangeError as `requireCounted` does
 */
export function pairMeans(counted: readonly Counted<TallyPair>[]): PairMeans {
  const means: PairMeans = { treatment: [], control: [], prompts: [], pairs: 0, incomplete: 0 };
  for (const arm of ['treatment', 'control'] as const)
    requireCounted(counted.map(({ value, prompts }) => ({ value: value[arm], prompts })));
  for (const { value, prompts } of counted) {
    const [a, b] = [value.treatment, value.control];
    if (a.valid > 0 && b.valid > 0) {
      means.treatment.push(meanOf(a));
      means.control.push(meanOf(b));
      means.prompts.push(prompts);
      means.pairs += prompts;
    } else if (a.valid > 0 || b.valid > 0) means.incomplete += prompts;
  }
  return means;
}
