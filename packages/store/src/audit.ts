import { type Db, only } from './pool.ts';

export type AuditSubject = 'team' | 'api_key' | 'sweep' | 'dataset' | 'label' | 'review_item' | 'provider' | 'lane';

/** Who does what. The entry is written before it is done, and completed before the answer. */
export type NewAuditEntry = {
  teamId: string;
  keyId: string;
  address: string;
  /** method and route, such as `PUT /v1/teams/{id}` */
  action: string;
  subjectKind: AuditSubject | null;
  subject: string | null;
  before: object | null;
  requestId: string;
};

export type AuditEntry = {
  id: string;
  at: Date;
  teamId: string | null;
  teamName: string | null;
  keyId: string | null;
  keyName: string | null;
  address: string;
  action: string;
  subjectKind: string | null;
  subject: string | null;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  /** HTTP status of the answer; null while it is not given, and for ever where the process died */
  status: number | null;
  requestId: string;
};

/** @returns the id of the entry, to complete it by */
export async function beginAuditEntry(db: Db, entry: NewAuditEntry): Promise<string> {
  const { rows } = await db.query<{ id: string }>(
    `insert into audit_entry (team_id, key_id, address, action, subject_kind, subject, before, request_id)
     values ($1, $2, $3, $4, $5, $6, $7, $8) returning id`,
    [
      entry.teamId,
      entry.keyId,
      entry.address,
      entry.action,
      entry.subjectKind,
      entry.subject,
      entry.before,
      entry.requestId,
    ],
  );
  return only(rows).id;
}

/** @param end.subject what was made, where it was not known before */
export async function completeAuditEntry(
  db: Db,
  id: string,
  end: { status: number; subject: string | null; after: object | null },
): Promise<void> {
  await db.query('update audit_entry set status = $2, subject = coalesce(subject, $3), after = $4 where id = $1', [
    id,
    end.status,
    end.subject,
    end.after,
  ]);
}

/**
 * A subject in short, as it stands in the database: what its owner may see of it, without texts and without secrets.
 *
 * @param teamId whose it must be; null: anybody's. Another team's is as one that is not there
 */
export async function readAuditSubject(
  db: Db,
  kind: AuditSubject,
  id: string,
  teamId: string | null,
): Promise<object | null> {
  const { rows } = await db.query<{ short: object }>(`${SHORT[kind]} limit 1`, [id, teamId]);
  return rows[0]?.short ?? null;
}

/** `$1` is the id, `$2` the team. What belongs to nobody is asked for by operators only. */
const SHORT: Record<AuditSubject, string> = {
  team: `select to_jsonb(t) - 'id' - 'created_at' as short from team t where id::text = $1 and ($2::uuid is null or id = $2)`,
  api_key: `select jsonb_build_object('team', team_id, 'name', name, 'scopes', scopes, 'expires_at', expires_at, 'revoked_at', revoked_at) as short
    from api_key where id::text = $1 and ($2::uuid is null or team_id = $2)`,
  sweep: `select jsonb_build_object('name', left(name, 200), 'state', state, 'state_reason', left(state_reason, 200), 'planned', planned,
      'budget_pico_usd', budget_pico_usd, 'deleted_at', deleted_at) as short
    from sweep where id::text = $1 and ($2::uuid is null or team_id = $2)`,
  dataset: `select jsonb_build_object('name', left(name, 200), 'version', version, 'prompts', prompts) as short
    from dataset where id::text = $1 and ($2::uuid is null or team_id = $2)`,
  label: `select jsonb_build_object('sweep', l.sweep_id, 'trial', l.trial_id, 'measure', l.measure, 'label', l.label, 'labeller', left(l.labeller, 100)) as short
    from human_label l join sweep s on s.id = l.sweep_id where l.id::text = $1 and ($2::uuid is null or s.team_id = $2)`,
  review_item: `select jsonb_build_object('sweep', d.sweep_id, 'trial', i.trial_id, 'measure', d.measure) as short
    from review_item i join review_draw d on d.id = i.draw_id join sweep s on s.id = d.sweep_id
    where i.id::text = $1 and ($2::uuid is null or s.team_id = $2)`,
  provider: `select spec as short from provider where id = $1 and $2::uuid is null`,
  lane: `select jsonb_build_object('requests_per_minute', requests_per_minute, 'input_tokens_per_minute', input_tokens_per_minute,
      'output_tokens_per_minute', output_tokens_per_minute, 'max_in_flight', max_in_flight, 'ramp_up', ramp_up, 'paused_reason', left(paused_reason, 200)) as short
    from lane where id = $1 and $2::uuid is null`,
};

export type AuditFilter = {
  /** null: of all teams */
  teamId: string | null;
  keyId?: string | undefined;
  subject?: string | undefined;
  /** how the action begins */
  action?: string | undefined;
  since?: Date | undefined;
  until?: Date | undefined;
  /** the last id of the page before */
  after?: string | undefined;
  limit: number;
};

/** Latest first. */
export async function listAuditEntries(db: Db, filter: AuditFilter): Promise<AuditEntry[]> {
  const { rows } = await db.query<AuditEntry>(
    `select e.id, e.at, e.team_id as "teamId", team.name as "teamName", e.key_id as "keyId", api_key.name as "keyName", e.address, e.action,
       e.subject_kind as "subjectKind", e.subject, e.before, e.after, e.status, e.request_id as "requestId"
     from audit_entry e left join team on team.id = e.team_id left join api_key on api_key.id = e.key_id
     where ($1::uuid is null or e.team_id = $1) and ($2::uuid is null or e.key_id = $2) and ($3::text is null or e.subject = $3)
       and ($4::text is null or starts_with(e.action, $4)) and ($5::timestamptz is null or e.at >= $5)
       and ($6::timestamptz is null or e.at < $6) and ($7::bigint is null or e.id < $7)
     order by e.id desc limit $8`,
    [
      filter.teamId,
      filter.keyId ?? null,
      filter.subject ?? null,
      filter.action ?? null,
      filter.since ?? null,
      filter.until ?? null,
      filter.after ?? null,
      filter.limit,
    ],
  );
  return rows;
}
