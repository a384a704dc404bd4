-- Outside of a transaction: building the index takes minutes where there are many verdicts.

-- Judges that failed beside the one that gave the trial its outcome: dead letters too, and few among all verdicts.
create index concurrently if not exists verdict_failed on verdict (trial_id) where label = 'judge_failed';
