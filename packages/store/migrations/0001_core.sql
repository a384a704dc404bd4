-- The core: who asks (teams, keys), where models live (providers, lanes), what is asked (datasets, sweeps), and what came of it.
-- Words of state and outcome are those of packages/contracts; a test compares the two.

create table team (
  id uuid primary key,
  name text not null unique,
  -- share of a lane relative to other teams
  weight integer not null default 1 check (weight between 1 and 1000),
  created_at timestamptz not null default now()
);

create table api_key (
  id uuid primary key,
  team_id uuid not null references team on delete cascade,
  name text not null,
  -- SHA-256 of the whole key. A key holds 256 random bits, so a slow hash would cost requests and buy nothing.
  hash bytea not null unique,
  -- its first characters, for people to tell keys apart
  hint text not null,
  scopes text[] not null check (scopes <@ array['submit', 'read', 'ops', 'admin']),
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz
);

create table provider (
  id text primary key,
  -- contracts/provider.ts; names the environment variable of its key, never the key
  spec jsonb not null,
  updated_at timestamptz not null default now()
);

-- One provider account and one pool of its limits. null is no limit.
create table lane (
  id text primary key,
  provider_id text not null references provider on delete cascade,
  pool text not null,
  requests_per_minute double precision check (requests_per_minute > 0),
  input_tokens_per_minute double precision check (input_tokens_per_minute > 0),
  output_tokens_per_minute double precision check (output_tokens_per_minute > 0),
  max_in_flight integer check (max_in_flight > 0),
  -- why nothing is dispatched; null while the lane runs
  paused_reason text,
  paused_at timestamptz,
  updated_at timestamptz not null default now()
);

-- Prompts, versioned by content: the same prompts under the same name are the same dataset.
create table dataset (
  id uuid primary key,
  team_id uuid not null references team on delete cascade,
  name text not null,
  version text not null,
  prompts integer not null check (prompts > 0),
  created_at timestamptz not null default now(),
  unique (team_id, name, version)
);

create table dataset_prompt (
  dataset_id uuid not null references dataset on delete cascade,
  ordinal integer not null,
  id text not null,
  text text not null,
  variables jsonb,
  labels jsonb,
  primary key (dataset_id, ordinal),
  unique (dataset_id, id)
);

create table sweep (
  id uuid primary key,
  team_id uuid not null references team on delete cascade,
  name text not null,
  -- contracts/sweep.ts ResolvedSweep: every choice made
  spec jsonb not null,
  spec_hash text not null,
  -- null for an import
  dataset_id uuid references dataset,
  state text not null default 'planning'
    check (state in ('planning', 'running', 'paused', 'completed', 'cancelled', 'failed')),
  -- why it is paused, failed or ended early
  state_reason text,
  provenance text not null default 'none' check (provenance in ('real', 'simulated', 'imported', 'none')),
  priority smallint not null default 5,
  planned integer not null default 0,
  budget_pico_usd bigint,
  quote jsonb,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz,
  -- what the aggregator last folded: a sweep whose counters moved since is folded again
  folded_settled integer not null default -1,
  folded_at timestamptz
);
create index sweep_by_team on sweep (team_id, id);
create index sweep_unfinished on sweep (state) where state in ('planning', 'running', 'paused');

create table idempotency_key (
  team_id uuid not null references team on delete cascade,
  key text not null,
  request_hash text not null,
  sweep_id uuid not null references sweep on delete cascade,
  created_at timestamptz not null default now(),
  primary key (team_id, key)
);

create table sweep_condition (
  sweep_id uuid not null references sweep on delete cascade,
  ordinal smallint not null,
  id text not null,
  -- hash over every byte of the treatment; two sweeps compare where it agrees
  fingerprint text not null,
  -- trials that share a system prompt share a cached prefix and run next to each other
  system_hash text not null,
  primary key (sweep_id, ordinal)
);

create table sweep_model (
  sweep_id uuid not null references sweep on delete cascade,
  ordinal smallint not null,
  -- provider/model
  ref text not null,
  lane_id text references lane,
  primary key (sweep_id, ordinal)
);

-- Where the judges of a sweep are called.
create table sweep_judge (
  sweep_id uuid not null references sweep on delete cascade,
  -- ordinal in the sweep's graders
  grader smallint not null,
  lane_id text not null references lane,
  primary key (sweep_id, grader)
);

-- One request to one model, to be answered once. fillfactor leaves room for its updates on the same page.
create table trial (
  id bigint generated always as identity primary key,
  sweep_id uuid not null references sweep on delete cascade,
  model smallint not null,
  condition smallint not null,
  -- ordinal in the sweep's dataset
  prompt integer not null,
  sample smallint not null,
  -- place in the seeded order of its sweep and model, fixed before the first answer
  position integer not null,
  -- the lane of its next call
  lane_id text,
  state text not null default 'planned' check (state in ('planned', 'queued', 'settled')),
  -- raised by every claim; a job of an older epoch is dropped
  epoch integer not null default 0,
  -- attempts up to this epoch belong to an earlier life of the trial: they stay in the ledger and no longer count towards the caps
  lives_from_epoch integer not null default 0,
  queued_at timestamptz,
  not_before timestamptz,
  outcome text check (outcome in ('complied', 'partial', 'refused', 'undecided', 'unparsed', 'truncated', 'api_refusal',
    'judge_failed', 'infra_failed', 'cancelled')),
  settled_at timestamptz,
  unique (sweep_id, model, condition, prompt, sample),
  check ((state = 'settled') = (outcome is not null))
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
create index trial_planned on trial (lane_id, sweep_id, position) where state = 'planned';
create index trial_queued on trial (lane_id, sweep_id, queued_at) where state = 'queued';
create index trial_by_order on trial (sweep_id, position, model);

-- The answer of the subject, once a trial. Kept before it is graded, so that a lost worker never pays for it twice.
create table response (
  trial_id bigint primary key references trial on delete cascade,
  text text not null,
  thinking text,
  stop_reason text not null,
  refusal_category text,
  -- the model that says it answered
  model text not null,
  request_id text,
  -- SHA-256 of the request as sent
  request_hash text not null,
  parse_status text not null,
  parse_flags text[] not null,
  marker text not null,
  simulated boolean not null,
  received_at timestamptz not null default now()
);

-- What one grader says of one trial.
create table verdict (
  trial_id bigint not null references trial on delete cascade,
  -- ordinal in the sweep's graders
  grader smallint not null,
  measures text not null check (measures in ('compliance', 'af_reasoning')),
  label text not null,
  score double precision,
  votes smallint not null,
  version text not null,
  detail jsonb not null,
  primary key (trial_id, grader)
);

-- The ledger: every call that was made, also the lost ones, with its cost.
create table attempt (
  id bigint generated always as identity primary key,
  trial_id bigint not null references trial on delete cascade,
  sweep_id uuid not null references sweep on delete cascade,
  epoch integer not null,
  -- null: the subject; else the ordinal of the grader that asked
  grader smallint,
  lane_id text not null,
  started_at timestamptz not null,
  latency_ms integer not null,
  kind text not null,
  code text not null,
  detail text not null,
  http_status smallint,
  request_id text,
  request_hash text not null,
  uncached_tokens integer not null,
  cache_write_5m_tokens integer not null,
  cache_write_1h_tokens integer not null,
  cache_read_tokens integer not null,
  output_tokens integer not null,
  thinking_tokens integer not null,
  cost_pico_usd bigint not null,
  cost_status text not null check (cost_status in ('exact', 'estimated', 'unknown', 'none')),
  price_table text,
  worker text not null
);
create index attempt_by_trial on attempt (trial_id);
create index attempt_by_sweep on attempt (sweep_id, id);

-- Counters of a cell: trials by outcome, and by the other keys what its calls took (attempts, pico_usd, …).
create table cell_count (
  sweep_id uuid not null references sweep on delete cascade,
  model smallint not null,
  condition smallint not null,
  key text not null,
  n bigint not null,
  primary key (sweep_id, model, condition, key)
) with (fillfactor = 50);

create table metric_cell (
  sweep_id uuid not null references sweep on delete cascade,
  model text not null,
  condition text not null,
  grader text not null,
  metric text not null,
  n integer not null,
  prompts integer not null,
  planned integer not null,
  estimate double precision,
  se double precision,
  ci_low double precision,
  ci_high double precision,
  ci_level double precision not null,
  ci_method text,
  missing jsonb not null,
  bound_low double precision,
  bound_high double precision,
  sequence_low double precision,
  sequence_high double precision,
  has_sequence boolean not null,
  simulated boolean not null,
  warnings text[] not null,
  ordinal integer not null,
  primary key (sweep_id, model, condition, grader, metric)
);

create table metric_contrast (
  sweep_id uuid not null references sweep on delete cascade,
  id text not null,
  model text not null,
  grader text not null,
  metric text not null,
  treatment text not null,
  control text not null,
  pairs integer not null,
  estimate double precision,
  se double precision,
  ci_low double precision,
  ci_high double precision,
  ci_level double precision not null,
  ci_method text,
  p double precision,
  incomplete_pairs integer not null,
  missing_treatment double precision,
  missing_control double precision,
  bound_low double precision,
  bound_high double precision,
  sequence_low double precision,
  sequence_high double precision,
  has_sequence boolean not null,
  simulated boolean not null,
  warnings text[] not null,
  ordinal integer not null,
  primary key (sweep_id, id, model, grader, metric)
);

-- What readers follow. Only the leading aggregator writes it, so that ids commit in their order.
create table event (
  id bigint generated always as identity primary key,
  sweep_id uuid not null references sweep on delete cascade,
  kind text not null,
  data jsonb not null,
  at timestamptz not null default now()
);
create index event_by_sweep on event (sweep_id, id);

-- Worker processes and what they did last, for concurrency (each takes its part) and for the people who watch the queue.
create table worker (
  id text primary key,
  started_at timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  last_settled_at timestamptz,
  -- running trials by lane
  running jsonb not null default '{}'
);
