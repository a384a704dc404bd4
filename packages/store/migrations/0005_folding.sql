-- What the aggregator needs to fold only what changed.

-- The transaction that last gave the trial an outcome or took it away; '0': none since it was planned. A reader that asks for all rows from
-- its last horizon on misses none (pg_snapshot_xmin), which neither ids nor times can promise: their order is not that of commits.
alter table trial add column changed_xid xid8 not null default '0';
create index trial_changed on trial (sweep_id, changed_xid, id) where changed_xid > '0';

-- A trigger, because several statements settle trials and a new one that forgot this column would silently lose its outcomes.
create function mark_trial_changed() returns trigger language plpgsql as $$
begin
  new.changed_xid = pg_current_xact_id();
  return new;
end $$;
create trigger trial_outcome_changed before update of outcome on trial
  for each row when (old.outcome is distinct from new.outcome) execute function mark_trial_changed();

-- How fast a sweep settles, without a look at all of its trials.
create index trial_settled on trial (sweep_id, settled_at) where settled_at is not null;

-- Tells answers apart without reading them: two cells with the same answers throughout are one file counted twice, or one model under two names.
alter table response add column text_hash integer not null generated always as (hashtext(text)) stored;

-- Up to where changes are in the stored metrics.
alter table sweep add column folded_horizon xid8 not null default '0';
-- What the controls say of the sweep's claim; null where it has none.
alter table sweep add column metric_summary jsonb;

-- The fields of contracts/metric.ts that nothing is searched by.
alter table metric_cell add column detail jsonb not null default '{}';
alter table metric_contrast add column detail jsonb not null default '{}';
