-- Of a foreign key, Postgres checks each row by a query of its own: 5 µs an answer or a verdict, 3 µs a trial, which is half of what a large
-- import or plan costs. The tables that hold a row or more a trial are checked by statement instead, all of its rows at once.

-- Dropped first: the strongest locks come at once, and nobody slips in before the triggers stand.
alter table trial drop constraint trial_sweep_id_fkey;
alter table response drop constraint response_trial_id_fkey;
alter table verdict drop constraint verdict_trial_id_fkey;

-- Like the foreign key it takes a share of the sweep: who deletes the sweep waits for us, or we find that it is gone.
create function require_sweeps() returns trigger language plpgsql as $$
declare
  lacking uuid;
begin
  perform from sweep where id in (select sweep_id from added) order by id for key share;
  select a.sweep_id into lacking from (select distinct sweep_id from added) a where not exists (select from sweep s where s.id = a.sweep_id);
  if found then
    raise foreign_key_violation using message = format('a trial refers to sweep %s, which does not exist', lacking), table = tg_table_name;
  end if;
  return null;
end $$;

-- Takes no share of the trials: whoever writes an answer or a verdict has made or updated its trial in the same transaction. Row by row
-- through the index, whatever the plan was made for: a session keeps it, and its next statement may bring a row or a million.
create function require_trials() returns trigger language plpgsql set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off as $$
declare
  lacking bigint;
begin
  select a.trial_id into lacking from added a where not exists (select from trial t where t.id = a.trial_id) limit 1;
  if found then
    raise foreign_key_violation using message = format('a %s refers to trial %s, which does not exist', tg_table_name, lacking), table = tg_table_name;
  end if;
  return null;
end $$;

create function remove_trials_of_sweeps() returns trigger language plpgsql as $$
begin
  delete from trial t using removed r where t.sweep_id = r.id;
  return null;
end $$;
create function remove_parts_of_trials() returns trigger language plpgsql set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off as $$
begin
  delete from response p using removed r where p.trial_id = r.id;
  delete from verdict p using removed r where p.trial_id = r.id;
  return null;
end $$;

create trigger trial_has_sweep after insert on trial referencing new table as added for each statement execute function require_sweeps();
create trigger response_has_trial after insert on response referencing new table as added for each statement execute function require_trials();
create trigger verdict_has_trial after insert on verdict referencing new table as added for each statement execute function require_trials();
create trigger sweep_takes_trials after delete on sweep referencing old table as removed for each statement execute function remove_trials_of_sweeps();
create trigger trial_takes_parts after delete on trial referencing old table as removed for each statement execute function remove_parts_of_trials();
