-- The share of the configured rates that a lane which climbs slowly has reached, in steps of a grid: the last digit of a power is rounded differently
-- by every language, and Redis and Postgres must give the same start to the microsecond. Rules of before know no grid.
create or replace function lane_ramp(s lane_budget, limits jsonb, r jsonb) returns double precision language sql immutable as $$
  select case when (limits->>'rampUp')::int = 0 then 1
    else least(1, floor((r->>'rampStart')::float8 * (r->>'rampGrowth')::float8 ^ (s.ramp_us / (r->>'rampStepUs')::float8)
      * coalesce((r->>'rampGrid')::float8, 1000000)) / coalesce((r->>'rampGrid')::float8, 1000000)) end
$$;
