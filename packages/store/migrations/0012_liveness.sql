-- Who does what now, precisely enough to take over from one that is gone.

-- The claims that a worker runs, each `trial-epoch`: another worker leaves them alone while it lives, and takes them back when it is gone.
alter table worker add column holding text[] not null default '{}';

-- Who leads. The lock says that somebody does, this says that he still works: a frozen process keeps its lock.
create table leader (
  name text primary key,
  -- raised by each change of leader: whoever knows an older one leads no more
  term bigint not null default 1,
  holder text not null,
  since timestamptz not null default now(),
  -- that the leader lives; that it finished a round; that a round had something to do
  seen_at timestamptz not null default now(),
  passed_at timestamptz,
  worked_at timestamptz
);
