import { type HumanLabelWord, type LabelSummary, type Measure, toLabelScore } from '@crosscheck/contracts';
import { krippendorffNominal } from '@crosscheck/stats';

/** One person's label of one trial. */
export type PersonLabel = {
  trial: string;
  measure: Measure;
  label: HumanLabelWord;
  labeller: string;
  codebook: string;
  blind: boolean;
};

/** What the labellers of one trial agree on. */
export type ResolvedLabel<Label extends PersonLabel = PersonLabel> = {
  /** one of the labels, for what all of them share: the trial and its place */
  of: Label;
  /** what more than half of them say; null when no label has that */
  label: HumanLabelWord | null;
  /** its number; null also for what cannot be labelled */
  score: 0 | 1 | null;
  /** whether they differ */
  disputed: boolean;
};

/** The codebook that was used last: labels of two codebooks are not labels of one thing. */
export function chooseCodebook(labels: readonly PersonLabel[]): string | null {
  return labels.at(-1)?.codebook ?? null;
}

/** Resolves labels of one measure and codebook, trial by trial: more than half decides, a tie leaves the trial unresolved. */
export function resolveLabels<Label extends PersonLabel>(labels: readonly Label[]): ResolvedLabel<Label>[] {
  return [...Map.groupBy(labels, ({ trial }) => trial).values()].map((ofTrial) => {
    const words = Map.groupBy(ofTrial, ({ label }) => label);
    const label = [...words].find(([, said]) => said.length * 2 > ofTrial.length)?.[0] ?? null;
    return {
      of: ofTrial[0] as Label,
      label,
      score: label === null ? null : toLabelScore(label),
      disputed: words.size > 1,
    };
  });
}

/**
 * Describes the labels of one measure, and how far their labellers agree.
 *
 * @param labels of the measure under every codebook
 */
export function summariseLabels(
  measure: Measure,
  labels: readonly PersonLabel[],
  codebook: string | null,
): LabelSummary {
  const counted = labels.filter((label) => label.codebook === codebook);
  const resolved = resolveLabels(counted);
  const labellers = [...new Set(counted.map(({ labeller }) => labeller))].sort();
  const trials = resolved.map(({ of }) => of.trial);
  const said = new Map(counted.map(({ labeller, trial, label }) => [`${trial} ${labeller}`, label]));
  const rows = labellers.map((labeller) => trials.map((trial) => said.get(`${trial} ${labeller}`) ?? null));
  return {
    measure,
    codebook,
    codebooks: countBy(labels.map((label) => label.codebook)),
    labels: counted.length,
    blind: counted.filter(({ blind }) => blind).length,
    labellers,
    trials: trials.length,
    resolved: resolved.filter(({ label }) => label !== null).length,
    disputed: resolved.filter(({ disputed }) => disputed).length,
    ...krippendorffNominal(rows),
  };
}

function countBy(words: readonly string[]): Record<string, number> {
  return Object.fromEntries([...Map.groupBy(words, (word) => word)].map(([word, all]) => [word, all.length]));
}
