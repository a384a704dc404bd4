import type { Allowance } from '@crosscheck/store';

export type Affordable = {
  /** trials that may be claimed now */
  trials: number;
  /** which cap is used up with nothing under way that could free some of it; null while there is room or something to wait for */
  exhausted: 'budget_exhausted' | 'team_budget_exhausted' | null;
};

/** The purse of one round: what is claimed in it is reserved at once, so that two lanes cannot spend the same money. */
export type Purse = {
  afford(sweepId: string, wanted: number): Affordable;
  take(sweepId: string, trials: number): void;
};

/**
 * Every claim reserves the most that its trial may cost, so that a sweep passes its cap by no more than one trial that turns out dearer than
 * it could. While something is left and nothing is reserved, one trial may always go: a cap above the spend is never dead money.
 */
export function makePurse(allowances: Map<string, Allowance>): Purse {
  const bySweep = new Map<string, bigint>();
  const byTeam = new Map<string, bigint>();

  return {
    afford(sweepId, wanted) {
      const allowance = allowances.get(sweepId);
      if (!allowance) return { trials: wanted, exhausted: null };
      const { teamId, sweepLeft, teamLeft, reserve } = allowance;
      const sweepReserved = allowance.sweepReserved + (bySweep.get(sweepId) ?? 0n);
      const teamReserved = allowance.teamReserved + (byTeam.get(teamId) ?? 0n);
      const own = countOf({ left: sweepLeft, reserved: sweepReserved, reserve }, wanted);
      const shared = countOf({ left: teamLeft, reserved: teamReserved, reserve }, wanted);
      return { trials: Math.min(own, shared), exhausted: exhaustedOf(own, sweepReserved, shared, teamReserved) };
    },
    take(sweepId, trials) {
      const allowance = allowances.get(sweepId);
      if (!allowance) return;
      const amount = allowance.reserve * BigInt(trials);
      bySweep.set(sweepId, (bySweep.get(sweepId) ?? 0n) + amount);
      byTeam.set(allowance.teamId, (byTeam.get(allowance.teamId) ?? 0n) + amount);
    },
  };
}

function countOf(
  { left, reserved, reserve }: { left: bigint | null; reserved: bigint; reserve: bigint },
  wanted: number,
): number {
  if (left === null) return wanted;
  const free = left - reserved;
  if (left <= 0n) return 0;
  if (reserve === 0n) return wanted;
  const fits = free < reserve ? 0 : Number(free / reserve);
  return Math.min(wanted, fits === 0 && reserved === 0n ? 1 : fits);
}

function exhaustedOf(
  own: number,
  sweepReserved: bigint,
  shared: number,
  teamReserved: bigint,
): Affordable['exhausted'] {
  if (own === 0 && sweepReserved === 0n) return 'budget_exhausted';
  return shared === 0 && teamReserved === 0n ? 'team_budget_exhausted' : null;
}
