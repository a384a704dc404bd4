/** A category, or null where the rater did not rate the unit. */
export type Rating = string | number | null;

/** Krippendorff's alpha with the number of ratings it rests on. */
export type KrippendorffAlpha = { alpha: number | null; pairable: number };

/**
 * Krippendorff's alpha for nominal categories, any number of raters, with blanks.
 *
 * @param ratings one row per rater, one column per unit; a row that ends early is blank from there on
 * @returns alpha <= 1, null when nothing is pairable or only one category was used; pairable counts the ratings in units with
 *   at least two of them
 * @see K. Krippendorff 2011, Computing Krippendorff's Alpha-Reliability, section C. Check: its example gives .743421 from 40 ratings
 */
export function krippendorffNominal(ratings: readonly (readonly Rating[])[]): KrippendorffAlpha {
  const units = Math.max(0, ...ratings.map((row) => row.length));
  const totals = new Map<Rating, number>();
  let [pairable, disagreement] = [0, 0];
  for (let unit = 0; unit < units; unit += 1) {
    const counts = countCategories(ratings.map((row) => row[unit] ?? null));
    const rated = total(counts);
    if (rated < 2) continue;
    pairable += rated;
    disagreement += unequalPairs(counts) / (rated - 1);
    for (const [category, count] of counts) totals.set(category, (totals.get(category) ?? 0) + count);
  }
  if (totals.size < 2) return { alpha: null, pairable };
  const expected = unequalPairs(totals) / (pairable - 1);
  return { alpha: 1 - disagreement / expected, pairable };
}

type Counts = ReadonlyMap<Rating, number>;

function countCategories(ratings: readonly Rating[]): Counts {
  const counts = new Map<Rating, number>();
  for (const rating of ratings) if (rating !== null) counts.set(rating, (counts.get(rating) ?? 0) + 1);
  return counts;
}

function total(counts: Counts): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}

/** Ordered pairs of different categories: the coincidences off the diagonal. */
function unequalPairs(counts: Counts): number {
  return [...counts.values()].reduce((pairs, count) => pairs - count * count, total(counts) ** 2);
}
