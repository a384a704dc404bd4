-- The calls of the last minutes, for those who look at lanes. Rows come in about the order of their time, so ranges of pages suffice: the index is a
-- thousandth of a tree, and writing an attempt costs what it cost before.
create index attempt_by_time on attempt using brin (started_at) with (pages_per_range = 32, autosummarize = on);
