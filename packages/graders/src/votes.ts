import { nextWave, type VoteRule } from '@crosscheck/stats';

/** A vote that counts, or one that could not be read and is asked for again. */
export type Ballot<V> = { valid: true; yes: boolean; vote: V } | { valid: false; reason: string };

export type Tally<V> = {
  /** null when too many votes could not be read */
  label: boolean | null;
  yes: number;
  no: number;
  votes: V[];
  redraws: number;
  /** whether fewer than all votes were needed: their share is then biased */
  curtailed: boolean;
  /** why the last invalid vote was one */
  lastFault: string | null;
};

/** No trial is asked about more often than this because of votes that cannot be read. */
export const REDRAWS_MAX = 10;

/**
 * The rule of a threshold: the least count whose share of the votes reaches it. The tolerance takes back what binary fractions add:
 * 0.28 of 25 is 7.000000000000001.
 */
export function voteRule(votes: number, threshold: number): VoteRule {
  return { of: votes, need: Math.max(1, Math.ceil(threshold * votes - 1e-9)) };
}

/**
 * Takes votes in waves until the label is certain, which it is before all are cast: with 8 of 20 needed after 8 yes or 13 no. A wave
 * is as large as it can be without a vote that might not be needed. An unreadable vote is drawn again and counts for neither side.
 *
 * @param cast draws one vote; `draw` counts from 0 and is another number for every one
 * @throws whatever `cast` throws first, once the whole wave has settled: no call is left running behind the caller's back
 */
export async function takeVotes<V>(rule: VoteRule, cast: (draw: number) => Promise<Ballot<V>>): Promise<Tally<V>> {
  const tally: Tally<V> = { label: null, yes: 0, no: 0, votes: [], redraws: 0, curtailed: false, lastFault: null };
  let draws = 0;
  let wave = nextWave(tally, rule);
  while (wave > 0) {
    const from = draws;
    draws += wave;
    for (const ballot of await castWave(wave, (index) => cast(from + index))) count(tally, ballot);
    if (tally.redraws > REDRAWS_MAX) return tally;
    wave = nextWave(tally, rule);
  }
  return { ...tally, label: tally.yes >= rule.need, curtailed: tally.yes + tally.no < rule.of };
}

function count<V>(tally: Tally<V>, ballot: Ballot<V>): void {
  if (!ballot.valid) {
    tally.redraws += 1;
    tally.lastFault = ballot.reason;
    return;
  }
  if (ballot.yes) tally.yes += 1;
  else tally.no += 1;
  tally.votes.push(ballot.vote);
}

async function castWave<V>(size: number, cast: (index: number) => Promise<Ballot<V>>): Promise<Ballot<V>[]> {
  const settled = await Promise.allSettled(Array.from({ length: size }, (_, index) => cast(index)));
  return settled.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
}
