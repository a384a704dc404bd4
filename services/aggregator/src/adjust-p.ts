import type { ContrastMetric } from '@crosscheck/contracts';
import { benjaminiHochberg, holm } from '@crosscheck/stats';

/** Adjusts p for the number of looks: the family of a contrast is the sweep's contrasts of the same metric and grader, over all models. */
export function adjustP(contrasts: readonly ContrastMetric[]): ContrastMetric[] {
  const adjusted = new Map<ContrastMetric, Pick<ContrastMetric, 'pHolm' | 'pBh'>>();
  for (const family of Map.groupBy(contrasts, ({ metric, grader }) => `${metric} ${grader}`).values()) {
    const p = family.map((contrast) => contrast.p);
    const [byHolm, byBh] = [holm(p), benjaminiHochberg(p)];
    for (const [index, contrast] of family.entries())
      adjusted.set(contrast, { pHolm: byHolm[index] ?? null, pBh: byBh[index] ?? null });
  }
  return contrasts.map((contrast) => ({ ...contrast, ...adjusted.get(contrast) }));
}
