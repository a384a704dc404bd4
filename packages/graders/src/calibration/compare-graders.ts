import type { GraderAgreement, Measure } from '@crosscheck/contracts';
import { agreement, type ConfusionCounts, krippendorffNominal } from '@crosscheck/stats';
import { toVerdictScore } from './verdict-score.ts';

/** How often two graders said these two things of one trial. */
export type LabelPairCount = { labels: [string, string]; n: number };

/** Agreement of two graders on the trials where both have a verdict. */
export function compareGraders(
  measure: Measure,
  graders: [string, string],
  pairs: readonly LabelPairCount[],
): GraderAgreement {
  const counts: ConfusionCounts = { tp: 0, fp: 0, fn: 0, tn: 0 };
  for (const { labels, n } of pairs) {
    const [first, second] = labels.map((label) => toVerdictScore(measure, label));
    if (first === null || second === null) continue;
    counts[first === 1 ? (second === 1 ? 'tp' : 'fp') : second === 1 ? 'fn' : 'tn'] += n;
  }
  const n = counts.tp + counts.fp + counts.fn + counts.tn;
  const { observed, kappa, ac1 } = agreement(counts);
  return { measure, graders, n, observed, kappa, ac1, alpha: alphaOf(counts) };
}

function alphaOf({ tp, fp, fn, tn }: ConfusionCounts): number | null {
  const row = (...runs: [number, number][]) =>
    runs.flatMap(([times, value]) => Array.from({ length: times }, () => value));
  return krippendorffNominal([row([tp + fp, 1], [fn + tn, 0]), row([tp, 1], [fp, 0], [fn, 1], [tn, 0])]).alpha;
}
