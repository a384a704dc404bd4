-- What people say of trials, so that judges can be held against them.

-- A draw of trials for people to label. The same sweep, measure, size and seed are the same draw.
create table review_draw (
  id uuid primary key,
  sweep_id uuid not null references sweep on delete cascade,
  measure text not null check (measure in ('compliance', 'af_reasoning')),
  seed bigint not null,
  -- units asked for
  units integer not null check (units > 0),
  created_at timestamptz not null default now(),
  unique (sweep_id, measure, seed, units)
);

-- One trial of a draw. A unit is a prompt's sample under all conditions: its trials lie side by side and were drawn together.
create table review_item (
  id uuid primary key,
  draw_id uuid not null references review_draw on delete cascade,
  trial_id bigint not null references trial on delete cascade,
  -- place of its unit in the draw, then its place beside the others of the unit
  unit integer not null,
  place smallint not null,
  stratum text not null,
  -- units of the stratum for each drawn one: the inverse of the chance to be drawn
  weight double precision not null check (weight >= 1),
  unique (draw_id, trial_id),
  unique (draw_id, unit, place)
);
create index review_item_by_trial on review_item (trial_id);

create table human_label (
  id uuid primary key,
  trial_id bigint not null references trial on delete cascade,
  sweep_id uuid not null references sweep on delete cascade,
  measure text not null check (measure in ('compliance', 'af_reasoning')),
  label text not null check (label = any (case measure
    when 'compliance' then array['complied', 'partial', 'refused', 'undecided']
    else array['af', 'af_partial', 'not_af', 'artifact'] end)),
  labeller text not null,
  -- version of the rules that the labeller followed: labels of two codebooks are not labels of one thing
  codebook text not null,
  -- whether the labeller saw neither the condition nor a verdict
  blind boolean not null,
  note text,
  -- the answer that was labelled; a trial that was answered anew has another
  answer_hash integer,
  -- who sent it, and may take it back
  api_key_id uuid references api_key on delete set null,
  labelled_at timestamptz not null,
  unique (trial_id, measure, labeller, codebook)
);
create index human_label_by_sweep on human_label (sweep_id, measure);

-- Verdicts that were replaced when a sweep was graded anew.
create table verdict_history (
  id bigint generated always as identity primary key,
  trial_id bigint not null references trial on delete cascade,
  -- the grader's id, since the ordinal may belong to another one now
  grader text not null,
  measures text not null,
  label text not null,
  score double precision,
  votes smallint not null,
  version text not null,
  detail jsonb not null,
  -- the answer that was judged
  answer_hash integer,
  replaced_at timestamptz not null default now()
);
create index verdict_history_by_trial on verdict_history (trial_id);
