-- Curves over checkpoints as last folded, and the parser that read each answer.

-- Null before the first fold by a build that knows of series.
alter table sweep add column metric_series jsonb;

-- Null for answers that were read before the version was kept, and for imports, whose answers were read elsewhere.
alter table response add column parser_version text;
