-- A statement whose answer was lost on the way may have been committed: the worker sends it again, and each call is named so that the ledger
-- keeps it once. Null for calls of before, and of a worker of the previous version.
alter table attempt add column call_key text;
-- Serves also what looked for the calls of a trial until now.
create unique index attempt_by_call on attempt (trial_id, call_key);
drop index attempt_by_trial;
