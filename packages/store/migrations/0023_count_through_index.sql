-- Answers are counted trial by trial through the index, whatever the plan was made for: it holds as long as its session, and for a batch of an import
-- Postgres read the whole table of trials, three quarters of what such an answer cost.
alter function count_new_responses() set enable_hashjoin = off;
alter function count_new_responses() set enable_mergejoin = off;
alter function count_new_responses() set enable_seqscan = off;
alter function count_old_responses() set enable_hashjoin = off;
alter function count_old_responses() set enable_mergejoin = off;
alter function count_old_responses() set enable_seqscan = off;
