-- The versions of the parser that read the answers of a sweep, kept by its last fold: to find them is to look at every answer. Null before, and
-- for sweeps that an earlier build completed.
alter table sweep add column parser_versions text[];
