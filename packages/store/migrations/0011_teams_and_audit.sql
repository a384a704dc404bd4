-- How much a team may have and do, what it keeps here, and who changed what.

-- null: no quota. Teams that are there already get none, so that an upgrade stops nobody.
alter table team add column quota_sweeps_open integer check (quota_sweeps_open > 0);
alter table team add column quota_trials_per_sweep bigint check (quota_trials_per_sweep > 0);
alter table team add column quota_trials_open bigint check (quota_trials_open > 0);
alter table team add column quota_requests_per_second integer check (quota_requests_per_second > 0);
alter table team add column quota_storage_bytes bigint check (quota_storage_bytes > 0);
create index sweep_open_by_team on sweep (team_id) where state in ('planning', 'running', 'paused');

-- Bytes of the answers of a sweep. Beside the sweep and not on it: every batch of records writes here.
create table sweep_storage (
  sweep_id uuid primary key references sweep on delete cascade,
  response_bytes bigint not null
) with (fillfactor = 50);

-- Bytes of its prompts, known when they are written.
alter table dataset add column bytes bigint not null default 0;

-- Triggers, because several statements write, replace and delete answers: one that forgot to count would never be seen. An answer whose
-- trial is gone went with its sweep, and so did the count.
create function count_new_responses() returns trigger language plpgsql as $$
begin
  insert into sweep_storage as s (sweep_id, response_bytes)
  select t.sweep_id, sum(octet_length(n.text) + coalesce(octet_length(n.thinking), 0))
  from changed n join trial t on t.id = n.trial_id group by t.sweep_id order by t.sweep_id
  on conflict (sweep_id) do update set response_bytes = s.response_bytes + excluded.response_bytes;
  return null;
end $$;
create function count_old_responses() returns trigger language plpgsql as $$
begin
  update sweep_storage s set response_bytes = s.response_bytes - o.bytes
  from (select t.sweep_id, sum(octet_length(c.text) + coalesce(octet_length(c.thinking), 0)) as bytes
        from changed c join trial t on t.id = c.trial_id group by t.sweep_id) o
  where s.sweep_id = o.sweep_id;
  return null;
end $$;
create trigger response_added after insert on response referencing new table as changed
  for each statement execute function count_new_responses();
create trigger response_removed after delete on response referencing old table as changed
  for each statement execute function count_old_responses();
-- An update counts as a removal and an addition.
create trigger response_replaced_old after update on response referencing old table as changed
  for each statement execute function count_old_responses();
create trigger response_replaced_new after update on response referencing new table as changed
  for each statement execute function count_new_responses();

-- What is there already. The triggers hold back whoever writes answers until this is committed, so nothing is counted twice or not at all.
insert into sweep_storage (sweep_id, response_bytes)
select t.sweep_id, sum(octet_length(r.text) + coalesce(octet_length(r.thinking), 0))
from response r join trial t on t.id = r.trial_id group by t.sweep_id;
update dataset d set bytes = p.bytes
from (select dataset_id, sum(octet_length(text) + coalesce(octet_length(variables::text), 0)) as bytes from dataset_prompt group by dataset_id) p
where d.id = p.dataset_id;

-- Who changed what. Written before the change and completed before its answer: an entry without a status belongs to a request whose
-- process died, and whose change may or may not have happened. No foreign keys: what an entry names may be deleted, the entry stays.
create table audit_entry (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  team_id uuid,
  key_id uuid,
  -- from where the request came
  address text not null,
  -- method and route, without ids
  action text not null,
  -- what kind of thing was changed, and which
  subject_kind text,
  subject text,
  -- in short and without secrets
  before jsonb,
  after jsonb,
  -- HTTP status of the answer
  status smallint,
  request_id text not null
);
create index audit_entry_by_team on audit_entry (team_id, id);
create index audit_entry_by_subject on audit_entry (subject, id);
