-- Money is a limit like any other: what a claimed trial may cost at most is reserved until it is recorded.

-- The most that one trial of the model may cost, its judges included; 0 where nothing is charged or no price is known.
alter table sweep_model add column reserve_pico_usd bigint not null default 0;

-- null: no cap. The month is that of UTC.
alter table team add column monthly_budget_pico_usd bigint check (monthly_budget_pico_usd > 0);

create table team_spend (
  team_id uuid not null references team on delete cascade,
  month date not null,
  pico_usd bigint not null,
  primary key (team_id, month)
) with (fillfactor = 50);
