import { CrosscheckError } from '@crosscheck/contracts';

/** Of all teams together: each holds a connection to Postgres for as long as its lines come, and half of those are for everybody else. */
const UPLOADS_MAX = 6;
/** Of one team, so that its stalled uploads keep nobody else's waiting. */
const TEAM_UPLOADS_MAX = 3;
const RETRY_AFTER_S = 10;

/** Places for bodies that are written while they are read, in this process. */
export type UploadPlaces = {
  /** Does the work of one upload. @throws CrosscheckError RATE_LIMITED when all places are taken */
  run<Result>(teamId: string, work: () => Promise<Result>): Promise<Result>;
};

export function makeUploadPlaces(): UploadPlaces {
  const byTeam = new Map<string, number>();
  let taken = 0;

  function take(teamId: string, places: 1 | -1): void {
    taken += places;
    const ofTeam = (byTeam.get(teamId) ?? 0) + places;
    if (ofTeam === 0) byTeam.delete(teamId);
    else byTeam.set(teamId, ofTeam);
  }

  return {
    async run(teamId, work) {
      if (taken >= UPLOADS_MAX) throw allTaken('this server', UPLOADS_MAX);
      if ((byTeam.get(teamId) ?? 0) >= TEAM_UPLOADS_MAX) throw allTaken('the team', TEAM_UPLOADS_MAX);
      take(teamId, 1);
      try {
        return await work();
      } finally {
        take(teamId, -1);
      }
    },
  };
}

function allTaken(who: string, max: number): CrosscheckError {
  return new CrosscheckError(
    'RATE_LIMITED',
    `${who} has ${max} uploads of datasets and imports under way: try again when one has ended`,
    { expected: `at most ${max} at a time`, retryAfterS: RETRY_AFTER_S },
  );
}
