-- Outside of a transaction: building the index takes minutes where there are many trials.

-- How fast a sweep settles is said of what workers settled: trials that were imported, or cancelled before they ran, need no place in the index.
create index concurrently if not exists trial_settled_by_work on trial (sweep_id, settled_at) where settled_at is not null and epoch > 0;
drop index concurrently if exists trial_settled;
