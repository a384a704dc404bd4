/** A sweep that wants a lane. */
export type Claimant = { sweepId: string; teamId: string; weight: number; priority: number };

/** What one sweep gets of the lane in this round. */
export type Share = { sweepId: string; trials: number };

export type Stride = {
  /**
   * Divides `trials` places of a lane: between teams by weight, inside a team by priority, then in turn between its sweeps.
   * Remembers what every team got.
   */
  divide(claimants: Claimant[], trials: number): Share[];
  /** Tells that a sweep took fewer than it was given: the team does not pay for places that it left. */
  refund(claimant: Claimant, trials: number): void;
};

/**
 * Stride scheduling of one lane (C. Waldspurger, W. Weihl 1995, MIT/LCS/TM-528): every team has a pass that grows by 1/weight with each
 * trial, and the least pass goes next.
 *
 * A team that comes back enters at most `creditTrials` below the least pass of those that are there. Without credit a sweep of a hundred trials
 * behind one of a hundred thousand would take twice its own time; with it the small one runs first, and a large one soon shares evenly.
 * Idle time banks no more than that, and a team that never left has none. Whoever comes to an empty lane starts where the lane stands, so
 * that work done while others were away is held against nobody.
 */
export function makeStride({ creditTrials }: { creditTrials: number }): Stride {
  const passes = new Map<string, number>();
  let active = new Set<string>();
  /** where the lane stands: the least pass of the teams that were there last */
  let least = 0;
  /** sweeps of a team take turns: whoever went last goes to the end */
  const lastTurn = new Map<string, number>();
  let turn = 0;

  function enter(claimants: Claimant[]): void {
    const present = new Set(claimants.map(({ teamId }) => teamId));
    const staying = [...present].filter((teamId) => active.has(teamId)).map((teamId) => passes.get(teamId) ?? 0);
    for (const { teamId, weight } of claimants) {
      if (active.has(teamId)) continue;
      const floor = staying.length > 0 ? Math.min(...staying) - creditTrials / weight : least;
      passes.set(teamId, Math.max(passes.get(teamId) ?? floor, floor));
      active.add(teamId);
    }
    active = present;
  }

  function pickSweep(claimants: Claimant[]): Claimant {
    return claimants.reduce((best, next) => {
      if (next.priority !== best.priority) return next.priority > best.priority ? next : best;
      return (lastTurn.get(next.sweepId) ?? 0) < (lastTurn.get(best.sweepId) ?? 0) ? next : best;
    });
  }

  return {
    divide(claimants, trials) {
      enter(claimants);
      const byTeam = Map.groupBy(claimants, ({ teamId }) => teamId);
      const shares = new Map<string, number>();
      for (let place = 0; place < trials && byTeam.size > 0; place += 1) {
        const [teamId, sweeps] = [...byTeam].reduce((best, next) =>
          (passes.get(next[0]) ?? 0) < (passes.get(best[0]) ?? 0) ? next : best,
        );
        const sweep = pickSweep(sweeps);
        lastTurn.set(sweep.sweepId, (turn += 1));
        passes.set(teamId, (passes.get(teamId) ?? 0) + 1 / sweep.weight);
        shares.set(sweep.sweepId, (shares.get(sweep.sweepId) ?? 0) + 1);
      }
      least = Math.min(...[...byTeam.keys()].map((teamId) => passes.get(teamId) ?? 0));
      return [...shares].map(([sweepId, count]) => ({ sweepId, trials: count }));
    },
    refund({ teamId, weight }, trials) {
      passes.set(teamId, (passes.get(teamId) ?? 0) - trials / weight);
    },
  };
}
