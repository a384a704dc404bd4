-- Whether a cell was stopped early by what graders said that were replaced since: once all answers are graded anew, its rules are looked at again.
alter table cell_stop add column outdated boolean not null default false;
