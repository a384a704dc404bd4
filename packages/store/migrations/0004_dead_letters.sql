-- What failed for good: a dead letter is a settled trial without behaviour, and its cause is its last failed call in the ledger.
create index trial_dead on trial (sweep_id, settled_at) where outcome in ('infra_failed', 'judge_failed');

-- A cell that was given up as a whole. Its remaining trials settled without a call, so the ledger cannot tell why.
create table cell_stop (
  sweep_id uuid not null references sweep on delete cascade,
  model smallint not null,
  condition smallint not null,
  lane_id text not null,
  code text not null,
  detail text not null,
  -- trials that settled with it; they bear its time as their settled_at
  trials integer not null,
  at timestamptz not null,
  primary key (sweep_id, model, condition)
);

-- A pause whose end is known, such as a spend limit that opens with the month. null: until somebody acts.
alter table lane add column paused_until timestamptz;
