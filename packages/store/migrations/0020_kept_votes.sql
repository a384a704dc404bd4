-- What a judge answered in votes that were paid for, while more are needed: a trial that is handed back between two votes resumes with them. They go
-- when the trial settles, for the verdict holds what counts.
create table kept_vote (
  trial_id bigint not null references trial on delete cascade,
  -- ordinal in the sweep's graders
  grader smallint not null,
  -- of the grader that asked: another version asks anew
  version text not null,
  -- which draw it was, by the id under which the judge was asked
  call text not null,
  text text not null,
  primary key (trial_id, grader, version, call)
);
