-- Running trials whose call was let through, by lane: what is left of the running ones waits at the gate, and dispatch does not add to it.
alter table worker add column started jsonb not null default '{}';

-- True where the provider refuses a sharp rise: after an idle time the lane starts at a tenth of its rates and climbs.
alter table lane add column ramp_up boolean not null default false;
