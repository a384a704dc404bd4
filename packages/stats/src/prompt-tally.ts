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
 * Counts the valid samples of each prompt, index by index.
 *
 * @throws RangeError on a sample that is not 0, 1 or null, or counts without 0 <= complied <= valid
 */
export function tallyPrompts(prompts: readonly PromptAnswers[]): PromptTally[] {
  return prompts.map((answers, prompt) => ('valid' in answers ? checked(answers, prompt) : tally(answers, prompt)));
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
export type CompletePairs = { treatment: PromptTally[]; control: PromptTally[]; dropped: number[] };

/** Index i is the same prompt in both arms; where one list is shorter, the rest of it is unanswered. */
export function completePairs(treatment: readonly PromptAnswers[], control: readonly PromptAnswers[]): CompletePairs {
  const [treated, controlled] = [tallyPrompts(treatment), tallyPrompts(control)];
  const pairs: CompletePairs = { treatment: [], control: [], dropped: [] };
  for (let index = 0; index < Math.max(treated.length, controlled.length); index += 1) {
    const [a, b] = [treated[index] ?? UNANSWERED, controlled[index] ?? UNANSWERED];
    if (a.valid > 0 && b.valid > 0) {
      pairs.treatment.push(a);
      pairs.control.push(b);
    } else if (a.valid > 0 || b.valid > 0) pairs.dropped.push(index);
  }
  return pairs;
}

/** The share that complied, one number per prompt. */
export function promptMeans(tallies: readonly PromptTally[]): number[] {
  return tallies.map(({ complied, valid }) => complied / valid);
}
