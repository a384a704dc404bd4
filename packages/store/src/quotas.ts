import { CrosscheckError, OUTCOMES, type Quotas } from '@crosscheck/contracts';
import { type Db, only } from './pool.ts';

/** What a team has and keeps here now. */
export type TeamUse = { sweepsOpen: number; trialsOpen: number; storageBytes: number };

/** What a request would add. */
type Asked = { sweeps?: number; trials?: number; /** trials of the one sweep; absent: `trials` */ ofOneSweep?: number };

type RawQuotas = {
  sweeps_open: number | null;
  trials_per_sweep: string | null;
  trials_open: string | null;
  requests_per_second: number | null;
  storage_bytes: string | null;
};

export const QUOTA_COLUMNS = `json_build_object('sweepsOpen', quota_sweeps_open, 'trialsPerSweep', quota_trials_per_sweep,
  'trialsOpen', quota_trials_open, 'requestsPerSecond', quota_requests_per_second, 'storageBytes', quota_storage_bytes)`;

/**
 * Use by team, from counters: no trial and no answer is looked at.
 *
 * @param teamIds absent: all teams
 */
export async function readTeamUse(db: Db, teamIds?: readonly string[]): Promise<Map<string, TeamUse>> {
  const { rows } = await db.query<{ id: string; sweeps_open: number; trials_open: string; storage_bytes: string }>(
    `select team.id, coalesce(open.sweeps, 0)::int as sweeps_open, coalesce(open.trials, 0) as trials_open,
       coalesce((select sum(st.response_bytes) from sweep s join sweep_storage st on st.sweep_id = s.id where s.team_id = team.id), 0)
       + coalesce((select sum(d.bytes) from dataset d where d.team_id = team.id), 0) as storage_bytes
     from team left join lateral (
       select count(*) as sweeps, sum(greatest(s.planned - coalesce((
         select sum(c.n) from cell_count c where c.sweep_id = s.id and c.key = any ($2::text[])), 0), 0)) as trials
       from sweep s where s.team_id = team.id and s.state in ('planning', 'running', 'paused')) open on true
     where $1::uuid[] is null or team.id = any ($1::uuid[])`,
    [teamIds ?? null, OUTCOMES],
  );
  return new Map(
    rows.map((row) => [
      row.id,
      {
        sweepsOpen: row.sweeps_open,
        trialsOpen: Number(row.trials_open),
        storageBytes: Number(row.storage_bytes),
      },
    ]),
  );
}

/**
 * Refuses what would take a team beyond a quota. Inside the transaction that adds it: the team's row stays locked until then, so that two
 * requests at once do not both find the last place free.
 *
 * @throws CrosscheckError QUOTA_EXCEEDED
 */
export async function requireQuota(
  db: Db,
  teamId: string,
  { sweeps = 0, trials = 0, ofOneSweep = trials }: Asked,
): Promise<void> {
  const { rows } = await db.query<RawQuotas>(
    // Not a full lock: whatever refers to the team may go on.
    `select quota_sweeps_open as sweeps_open, quota_trials_per_sweep as trials_per_sweep, quota_trials_open as trials_open,
       quota_requests_per_second as requests_per_second, quota_storage_bytes as storage_bytes
     from team where id = $1 for no key update`,
    [teamId],
  );
  const quotas = rows[0];
  if (!quotas || Object.values(quotas).every((quota) => quota === null)) return;
  const use = (await readTeamUse(db, [teamId])).get(teamId);
  if (!use) return;
  refuseBeyond('trialsPerSweep', quotas.trials_per_sweep, 0, ofOneSweep);
  if (sweeps > 0) refuseBeyond('sweepsOpen', quotas.sweeps_open, use.sweepsOpen, sweeps);
  if (trials > 0) refuseBeyond('trialsOpen', quotas.trials_open, use.trialsOpen, trials);
  // What an upload or a sweep will add is not known before it is there: what is full takes nothing more.
  refuseBeyond('storageBytes', quotas.storage_bytes, use.storageBytes, 1);
}

const WORDS: Record<keyof Quotas, string> = {
  sweepsOpen: 'sweeps in progress',
  trialsPerSweep: 'trials of one sweep',
  trialsOpen: 'trials in progress',
  requestsPerSecond: 'requests a second',
  storageBytes: 'bytes of answers and prompts',
};

function refuseBeyond(name: keyof Quotas, quota: number | string | null, use: number, asked: number): void {
  if (quota === null || use + asked <= Number(quota)) return;
  const isFull = name === 'storageBytes';
  const has = name === 'trialsPerSweep' ? '' : `has ${use} and `;
  throw new CrosscheckError(
    'QUOTA_EXCEEDED',
    isFull
      ? `the team keeps ${use} ${WORDS[name]}, its quota is ${quota}: an admin can raise it with PUT /v1/teams/{id}`
      : `the team ${has}asks for ${asked} ${WORDS[name]}, its quota is ${quota}: an admin can raise it with PUT /v1/teams/{id}`,
    {
      field: `quotas.${name}`,
      got: isFull ? { use } : { use, asked },
      expected: `at most ${quota} ${WORDS[name]}`,
    },
  );
}

/** The storage alone, for what is uploaded without a transaction of its own yet. @throws CrosscheckError QUOTA_EXCEEDED */
export async function requireStorage(db: Db, teamId: string): Promise<void> {
  const { rows } = await db.query<{ quota: string | null }>(
    'select quota_storage_bytes as quota from team where id = $1',
    [teamId],
  );
  const { quota } = only(rows);
  if (quota === null) return;
  const use = (await readTeamUse(db, [teamId])).get(teamId)?.storageBytes ?? 0;
  refuseBeyond('storageBytes', quota, use, 1);
}
