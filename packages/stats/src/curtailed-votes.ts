import { logBinomialPmf } from './special-functions.ts';

/** A vote of a judge: 1 yes, 0 no. A call that failed is no vote; it is asked again. */
export type Vote = 0 | 1;

/** `need` yes out of `of` votes label a unit true; 8 of 20 is a threshold of 0.4. Whole, 0 <= need <= of. */
export type VoteRule = { need: number; of: number };

/**
 * The label of a unit from votes taken until it is decided. It equals the label from all `of` votes, in every order: `need` yes and
 * of - need + 1 no cannot both be reached.
 *
 * @param votes in the order taken; those after the decision are ignored
 * @returns the label, null while both sides are open, and how many votes it used. The share of yes among used votes is biased:
 *   store the votes, and compute no AUROC from them
 * @throws RangeError on a rule that is not whole with 0 <= need <= of, or a vote other than 0 and 1
 */
export function curtailedVotes(votes: readonly Vote[], rule: VoteRule): { label: boolean | null; used: number } {
  let [yes, no] = [0, 0];
  for (const vote of votes) {
    if (vote !== 0 && vote !== 1) throw new RangeError(`a vote is ${String(vote)}: want 0 or 1`);
    if (nextWave({ yes, no }, rule) === 0) break;
    if (vote === 1) yes += 1;
    else no += 1;
  }
  const isOpen = nextWave({ yes, no }, rule) > 0;
  return { label: isOpen ? null : yes >= rule.need, used: yes + no };
}

/**
 * How many votes may be asked for at once without wasting one: no decision can fall before the last of them, so waves cost exactly
 * the votes that asking one by one costs.
 *
 * @returns 0 when the unit is decided
 * @throws RangeError on a rule that is not whole with 0 <= need <= of
 */
export function nextWave({ yes, no }: { yes: number; no: number }, { need, of }: VoteRule): number {
  if (!Number.isSafeInteger(need) || !Number.isSafeInteger(of) || need < 0 || need > of) {
    throw new RangeError(`${need} of ${of} votes: want whole numbers with 0 <= need <= of`);
  }
  return Math.max(0, Math.min(need - yes, of - need + 1 - no));
}

/** What curtailed voting costs on average. */
export type CurtailedExpectation = { flagProbability: number; expectedVotes: number; expectedWaves: number };

/**
 * The chance of a true label and the expected numbers of votes and of waves, exactly, for independent votes.
 *
 * @param p probability that a vote is yes, 0 <= p <= 1
 * @throws RangeError on p outside [0, 1] or a bad rule. Check: p = .5, 8 of 20 gives .868412, 15.393730 and 4.189110
 */
export function curtailedExpectation(p: number, rule: VoteRule): CurtailedExpectation {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`p is ${p}: want a probability`);
  nextWave({ yes: 0, no: 0 }, rule);
  const { need, of } = rule;
  const refusedAt = of - need + 1;
  // reach[yes][no] is the chance that a wave starts (or the vote ends) there; every wave moves to a larger sum, so row order will do.
  const reach = Array.from({ length: need + 1 }, () => new Float64Array(refusedAt + 1));
  const result = { flagProbability: 0, expectedVotes: 0, expectedWaves: 0 };
  if (reach[0]) reach[0][0] = 1;
  for (let votes = 0; votes <= of; votes += 1) {
    for (let yes = Math.max(0, votes - refusedAt); yes <= Math.min(need, votes); yes += 1) {
      const [no, chance] = [votes - yes, reach[yes]?.[votes - yes] ?? 0];
      const wave = nextWave({ yes, no }, rule);
      if (wave === 0 && yes === need) result.flagProbability += chance;
      if (wave === 0 || chance === 0) continue;
      result.expectedVotes += chance * wave;
      result.expectedWaves += chance;
      for (let more = 0; more <= wave; more += 1) {
        const row = reach[yes + more];
        const at = no + wave - more;
        if (row) row[at] = (row[at] ?? 0) + chance * Math.exp(logBinomialPmf(more, wave - more, p, 1 - p));
      }
    }
  }
  return { ...result, flagProbability: Math.min(1, result.flagProbability) };
}
