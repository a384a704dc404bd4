-- Sweeps that grow after they were accepted, and what becomes of them when nobody needs them any more.

-- A sweep that was extended by samples or prompts. Its new trials lie behind those that were there, in positions and in the order of prompts.
create table extension (
  sweep_id uuid not null references sweep on delete cascade,
  -- from 1
  ordinal smallint not null check (ordinal > 0),
  at timestamptz not null default now(),
  -- what could be known when it was decided
  state_before text not null,
  settled_before integer not null,
  prompts_before integer not null,
  prompts_after integer not null check (prompts_after >= prompts_before),
  samples_before smallint not null,
  samples_after smallint not null check (samples_after >= samples_before),
  trials integer not null check (trials > 0),
  spec_hash_before text not null,
  dataset_before uuid not null,
  quote jsonb not null,
  idempotency_key text,
  -- the scheduler plans it in blocks of prompts: how many of its ranked prompts have their trials
  prompts_planned integer not null default 0,
  planned_at timestamptz,
  primary key (sweep_id, ordinal)
);
create index extension_to_plan on extension (at) where planned_at is null;

-- A sweep that is being deleted: hidden at once, removed in batches.
alter table sweep add column deleted_at timestamptz;
create index sweep_to_remove on sweep (deleted_at) where deleted_at is not null;

-- What stays of a deleted sweep. Money that was spent stays in team_spend.
create table deleted_sweep (
  id uuid primary key,
  team_id uuid not null references team on delete cascade,
  name text not null,
  spec_hash text not null,
  provenance text not null,
  state text not null,
  planned integer not null,
  outcomes jsonb not null,
  attempts bigint not null,
  spent_pico_usd bigint not null,
  created_at timestamptz not null,
  finished_at timestamptz,
  deleted_at timestamptz not null default now(),
  -- when its last row was gone
  removed_at timestamptz
);
create index deleted_sweep_by_team on deleted_sweep (team_id, id);

-- Days after the end of a sweep until the texts of its trials go; null keeps them. Of both, the shorter counts.
alter table team add column transcript_days integer check (transcript_days > 0);
alter table sweep add column keep_transcripts_days integer check (keep_transcripts_days > 0);
alter table sweep add column transcripts_purged_at timestamptz;
alter table response add column purged_at timestamptz;

-- The hash of an answer outlives its text: labels and repeated answers are told by it. So it is no longer computed from what stands there
-- now. A trigger sets it, because an earlier version of the services does not.
alter table response alter column text_hash drop expression;
create function hash_answer() returns trigger language plpgsql as $$
begin
  new.text_hash = hashtext(new.text);
  return new;
end $$;
create trigger answer_hashed before insert or update of text on response
  for each row when (new.purged_at is null) execute function hash_answer();
