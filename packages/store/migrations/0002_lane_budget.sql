-- The shared budget of a lane, for installations without Redis: one row a lane, one function a round trip.
-- The arithmetic is that of packages/limiter/testing/lane-model.ts, which says why; packages/limiter/src/lua has it for Redis.
-- Times are whole microseconds since the epoch ("_us") by this server's clock, as double precision, which is exact until the year 2255.

create table lane_budget (
  lane_id text primary key,
  requests_at_us double precision not null default 0,
  input_at_us double precision not null default 0,
  output_at_us double precision not null default 0,
  -- the latest start that was given; starts are given in the order of asking
  last_send_us double precision not null default 0,
  -- starts that were given back before they came
  free_slots double precision[] not null default '{}',
  held_until_us double precision not null default 0,
  held_reason text not null default '',
  -- after a 429: the requests a minute to return to (0: there was none), how far below it starts, how much longer than usual
  -- the way takes, time of clean sending since
  ceiling double precision not null default 0,
  depth double precision not null default 0,
  stretch double precision not null default 0,
  clean_us double precision not null default 0,
  admitted double precision not null default 0,
  counted_from_us double precision not null default 0,
  episode_until_us double precision not null default 0,
  seen_at_us double precision not null default 0,
  ramp_us double precision not null default 0,
  -- after an overload: calls in flight (0: there was none), and where that ends
  in_flight_limit double precision not null default 0,
  in_flight_ceiling double precision not null default 0,
  overload_share double precision not null default 0,
  overload_at_us double precision not null default 0
)
-- Room on the page for new versions of a row that changes with every call: no update touches the index (HOT).
with (fillfactor = 10);

-- Calls in flight or about to start. Unlogged: after a crash of the server nothing of this is known, or worth a disk write before.
create unlogged table lane_lease (
  lane_id text not null,
  id text not null,
  expires_us double precision not null,
  primary key (lane_id, id)
)
-- A row comes and goes with each call, whatever the size of the table: vacuum by number, not by share.
with (autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_scale_factor = 0);
create index lane_lease_expires on lane_lease (lane_id, expires_us);

-- null counts the server's clock, so that workers whose clocks differ share one budget; tests give their own
create function lane_clock(given double precision) returns double precision language sql volatile as $$
  select coalesce(given, floor(extract(epoch from clock_timestamp()) * 1000000))
$$;

-- The share of the configured rates that a lane which climbs slowly has reached.
create function lane_ramp(s lane_budget, limits jsonb, r jsonb) returns double precision language sql immutable as $$
  select case when (limits->>'rampUp')::int = 0 then 1
    else least(1, (r->>'rampStart')::float8 * (r->>'rampGrowth')::float8 ^ (s.ramp_us / (r->>'rampStepUs')::float8)) end
$$;

-- Requests a minute in force now; infinity without a limit.
create function lane_rate(s lane_budget, limits jsonb, r jsonb) returns double precision language plpgsql immutable as $$
declare
  configured double precision := coalesce(nullif((limits->>'requests')::float8, 0), 'infinity') * lane_ramp(s, limits, r);
  left_over double precision := 1 - s.clean_us / ((r->>'recoveryUs')::float8 * greatest(1, s.stretch));
begin
  if s.ceiling = 0 then return configured; end if;
  return least(configured, greatest((r->>'rateMin')::float8, s.ceiling * (1 - s.depth * left_over * left_over * left_over)));
end $$;

-- Microseconds a unit of a resource; 0 without a limit.
create function lane_interval(per_minute double precision, r jsonb) returns double precision language sql immutable as $$
  select case when per_minute = 0 or per_minute = 'infinity' then 0 else 60000000 / (per_minute * (r->>'pace')::float8) end
$$;

create function lane_in_flight_max(s lane_budget, limits jsonb) returns double precision language sql immutable as $$
  select least(coalesce(nullif((limits->>'inFlight')::float8, 0), 'infinity'),
    case when s.in_flight_limit = 0 then 'infinity' else floor(s.in_flight_limit) end)
$$;

-- When the resource lets a call of n tokens start. A call larger than a bucket waits until the bucket is full.
create function lane_tokens_start(at_us double precision, every_us double precision, n double precision, r jsonb)
returns double precision language sql immutable as $$
  select case when every_us = 0 then 0
    else at_us + least(ceil(n * every_us), (r->>'tokenBurstUs')::float8) - (r->>'tokenBurstUs')::float8 end
$$;

create function lane_requests_start(s lane_budget, every_us double precision, r jsonb)
returns double precision language sql immutable as $$
  select case when every_us = 0 then 0
    else ceil(s.requests_at_us - greatest(0, (r->>'requestBurstUs')::float8 - every_us)) end
$$;

-- An underestimate becomes debt. An overestimate is refunded, but no bucket becomes fuller than full at the latest start given.
create function lane_correct(at_us double precision, by_us double precision, last_send_us double precision, now_us double precision)
returns double precision language sql immutable as $$
  select case when by_us > 0 then greatest(at_us, now_us) + ceil(by_us)
    else greatest(at_us + ceil(by_us), least(at_us, last_send_us)) end
$$;

-- Rate headers are rounded and shared with others: they may shrink a bucket, never fill it.
create function lane_shrink(at_us double precision, burst_us double precision, every_us double precision, left_over double precision,
  now_us double precision)
returns double precision language sql immutable as $$
  select case when every_us = 0 or left_over is null then at_us
    else greatest(at_us, now_us + ceil(burst_us - left_over * every_us)) end
$$;

-- The first refusal of an episode takes the rate down: to what was admitted since the last one if that is known.
create function lane_shrink_rate(s lane_budget, limits jsonb, known boolean, r jsonb, now_us double precision)
returns lane_budget language plpgsql immutable as $$
declare
  rate double precision := lane_rate(s, limits, r);
  every_us double precision := lane_interval(rate, r);
  sleeping double precision := case when every_us = 0 then 0
    else least(s.admitted, greatest(0, floor((s.last_send_us - now_us) / every_us))) end;
  observed double precision := (s.admitted - sleeping) * 60000000 / greatest(1000000, now_us - s.counted_from_us);
  refused double precision := case when rate = 'infinity' then observed else rate end;
  passed boolean := s.clean_us >= (r->>'recoveryUs')::float8 * s.stretch;
  lowest double precision := refused * case when passed then (r->>'keepMinPassed')::float8 else (r->>'keepMin')::float8 end;
  next_ceiling double precision := greatest((r->>'rateMin')::float8,
    case when known then least(greatest(observed, lowest), refused * (r->>'keepMax')::float8) else refused end);
begin
  s.stretch := case when known and next_ceiling >= s.ceiling * (r->>'sameCeiling')::float8
    then least((r->>'stretchMax')::float8, 2 * greatest(1, s.stretch)) else 1 end;
  s.depth := case when known then (r->>'nextCut')::float8 else (r->>'firstCut')::float8 end;
  s.ceiling := next_ceiling;
  s.clean_us := 0;
  s.counted_from_us := now_us;
  s.admitted := sleeping;
  -- The bucket is empty over there: no burst when the lane opens, and the new spacing from the very next start on.
  every_us := lane_interval(lane_rate(s, limits, r), r);
  s.requests_at_us := greatest(s.requests_at_us,
    ceil(greatest(s.held_until_us, s.last_send_us + every_us) + greatest(0, (r->>'requestBurstUs')::float8 - every_us)));
  return s;
end $$;

create function lane_limited(s lane_budget, limits jsonb, settlement jsonb, r jsonb, now_us double precision)
returns lane_budget language plpgsql immutable as $$
declare
  send_us double precision := (settlement->>'sendUs')::float8;
  until_us double precision := now_us + (settlement->>'retryAfterMs')::float8 * 1000;
  known boolean := s.episode_until_us > now_us - (r->>'episodeMemoryUs')::float8;
  same_episode boolean := send_us <= s.episode_until_us;
begin
  if until_us > s.held_until_us then
    s.held_until_us := until_us;
    s.held_reason := 'the provider answered 429';
  end if;
  if send_us > s.counted_from_us then s.admitted := greatest(0, s.admitted - 1); end if;
  s.episode_until_us := greatest(s.episode_until_us, until_us);
  if same_episode then return s; end if;
  return lane_shrink_rate(s, limits, known, r, now_us);
end $$;

-- Fewer at a time when a quarter of the latest calls was overloaded, once until calls of after the cut are back.
create function lane_overloaded(s lane_budget, limits jsonb, send_us double precision, in_flight integer, r jsonb, now_us double precision)
returns lane_budget language plpgsql immutable as $$
declare
  before double precision := least(in_flight, lane_in_flight_max(s, limits));
begin
  s.overload_share := s.overload_share + (1 - s.overload_share) * (r->>'overloadWeight')::float8;
  if s.overload_share < (r->>'overloadShareMax')::float8 or send_us <= s.overload_at_us then return s; end if;
  if s.in_flight_limit = 0 then s.in_flight_ceiling := 2 * before; end if;
  s.in_flight_limit := greatest(1, before * (r->>'overloadKeep')::float8);
  s.overload_at_us := now_us;
  s.overload_share := 0;
  return s;
end $$;

create function lane_succeeded(s lane_budget, limits jsonb, remaining jsonb, r jsonb, now_us double precision)
returns lane_budget language plpgsql immutable as $$
declare
  ramp double precision := lane_ramp(s, limits, r);
  requests_us double precision := lane_interval(lane_rate(s, limits, r), r);
  input_us double precision := lane_interval((limits->>'input')::float8 * ramp, r);
  output_us double precision := lane_interval((limits->>'output')::float8 * ramp, r);
  burst_us double precision := (r->>'tokenBurstUs')::float8;
begin
  s.requests_at_us := lane_shrink(s.requests_at_us, greatest((r->>'requestBurstUs')::float8, requests_us), requests_us,
    (remaining->>'requests')::float8, now_us);
  s.input_at_us := lane_shrink(s.input_at_us, burst_us, input_us, (remaining->>'inputTokens')::float8, now_us);
  s.output_at_us := lane_shrink(s.output_at_us, burst_us, output_us, (remaining->>'outputTokens')::float8, now_us);
  s.overload_share := s.overload_share * (1 - (r->>'overloadWeight')::float8);
  if s.in_flight_limit = 0 then return s; end if;
  -- One more in flight for each round of calls that went well: additive increase.
  s.in_flight_limit := s.in_flight_limit + 1 / s.in_flight_limit;
  if s.in_flight_limit >= least(s.in_flight_ceiling, coalesce(nullif((limits->>'inFlight')::float8, 0), 'infinity')) then
    s.in_flight_limit := 0;
  end if;
  return s;
end $$;

create function lane_settle(s lane_budget, limits jsonb, settlement jsonb, r jsonb, now_us double precision)
returns lane_budget language plpgsql as $$
declare
  send_us double precision := (settlement->>'sendUs')::float8;
  ramp double precision := lane_ramp(s, limits, r);
  in_flight integer;
begin
  if settlement->>'kind' = 'overloaded' then
    select count(*) into in_flight from lane_lease where lane_id = s.lane_id and expires_us > now_us;
  end if;
  -- A call that is settled after its lease was given up long ago: what it taught is as old.
  delete from lane_lease where lane_id = s.lane_id and id = settlement->>'id' and expires_us > now_us;
  if not found then return s; end if;
  s.input_at_us := lane_correct(s.input_at_us,
    (settlement->>'input')::float8 * lane_interval((limits->>'input')::float8 * ramp, r), s.last_send_us, now_us);
  s.output_at_us := lane_correct(s.output_at_us,
    (settlement->>'output')::float8 * lane_interval((limits->>'output')::float8 * ramp, r), s.last_send_us, now_us);
  if (settlement->>'sent')::int = 0 then
    if send_us > now_us and lane_interval(lane_rate(s, limits, r), r) > 0 then s.free_slots := s.free_slots || send_us; end if;
    if send_us > s.counted_from_us then s.admitted := greatest(0, s.admitted - 1); end if;
    return s;
  end if;
  return case settlement->>'kind'
    when 'limited' then lane_limited(s, limits, settlement, r, now_us)
    when 'overloaded' then lane_overloaded(s, limits, send_us, in_flight, r, now_us)
    else lane_succeeded(s, limits, settlement->'remaining', r, now_us) end;
end $$;

-- Sending without a 429 lets the rate and the ramp climb; time in which nothing was sent proves nothing.
create function lane_grow(s lane_budget, limits jsonb, r jsonb, now_us double precision)
returns lane_budget language plpgsql immutable as $$
declare
  idle_us double precision := now_us - s.seen_at_us;
  step_us double precision := least(idle_us, greatest(1000000, 2 * lane_interval(lane_rate(s, limits, r), r)));
begin
  s.seen_at_us := now_us;
  s.clean_us := s.clean_us + step_us;
  s.ramp_us := case when idle_us > (r->>'rampIdleUs')::float8 then 0 else s.ramp_us + step_us end;
  if s.counted_from_us = 0 then s.counted_from_us := now_us; end if;
  if now_us - s.counted_from_us > (r->>'episodeMemoryUs')::float8 then
    s.counted_from_us := now_us - (now_us - s.counted_from_us) / 2;
    s.admitted := s.admitted / 2;
  end if;
  return s;
end $$;

create type lane_answer as (
  granted boolean,
  send_us double precision,
  binds text,
  -- granted: send after this long; refused: ask again after this long
  ms double precision,
  reason text
);

-- Takes a call's share of every resource at once, or nothing: then the answer says why.
create function lane_reserve(inout s lane_budget, limits jsonb, ask jsonb, r jsonb, now_us double precision, out answer lane_answer)
language plpgsql as $$
declare
  ramp double precision := lane_ramp(s, limits, r);
  requests_us double precision := lane_interval(lane_rate(s, limits, r), r);
  input_us double precision := lane_interval((limits->>'input')::float8 * ramp, r);
  output_us double precision := lane_interval((limits->>'output')::float8 * ramp, r);
  input double precision := (ask->>'input')::float8;
  output double precision := (ask->>'output')::float8;
  requests_start double precision := lane_requests_start(s, requests_us, r);
  input_start double precision := lane_tokens_start(s.input_at_us, input_us, input, r);
  output_start double precision := lane_tokens_start(s.output_at_us, output_us, output, r);
  tokens_us double precision := greatest(now_us, input_start, output_start);
  in_order_us double precision := greatest(tokens_us, requests_start, s.last_send_us);
  in_flight_max double precision := lane_in_flight_max(s, limits);
  in_flight integer;
  slot double precision;
  send_us double precision;
  wait_ms double precision;
begin
  if s.held_until_us > now_us then
    answer := (false, null, 'hold', ceil((s.held_until_us - now_us) / 1000), s.held_reason);
    return;
  end if;
  delete from lane_lease where lane_id = s.lane_id and expires_us <= now_us;
  if in_flight_max < 'infinity' then
    select count(*) into in_flight from lane_lease where lane_id = s.lane_id;
    if in_flight >= in_flight_max then
      answer := (false, null, 'inFlight', (r->>'inFlightRetryMs')::float8, null);
      return;
    end if;
  end if;
  if s.free_slots <> '{}' then
    select min(at_us) into slot from unnest(s.free_slots) at_us where at_us between tokens_us and in_order_us;
  end if;
  send_us := coalesce(slot, in_order_us);
  wait_ms := ceil((send_us - now_us) / 1000);
  if wait_ms > (ask->>'waitMsMax')::float8 then
    answer := (false, null,
      case when requests_start >= tokens_us or greatest(input_start, output_start) < tokens_us then 'requests'
        when input_start >= output_start then 'inputTokens' else 'outputTokens' end,
      wait_ms - (ask->>'waitMsMax')::float8, null);
    return;
  end if;
  if slot is null then
    s.requests_at_us := greatest(s.requests_at_us, send_us) + ceil(requests_us);
    s.last_send_us := greatest(s.last_send_us, send_us);
  end if;
  if s.free_slots <> '{}' then
    -- one of the slots at that time was taken; those that have passed are of no use
    s.free_slots := array(
      select at_us from unnest(s.free_slots) with ordinality free (at_us, n)
      where at_us > now_us and n is distinct from array_position(s.free_slots, slot));
  end if;
  s.input_at_us := greatest(s.input_at_us, send_us) + ceil(input * input_us);
  s.output_at_us := greatest(s.output_at_us, send_us) + ceil(output * output_us);
  s.admitted := s.admitted + 1;
  insert into lane_lease (lane_id, id, expires_us) values (s.lane_id, ask->>'id', send_us + (ask->>'leaseMs')::float8 * 1000);
  s := lane_grow(s, limits, r, now_us);
  answer := (true, send_us, null, wait_ms, null);
end $$;

-- The row of the lane, locked until the end of the transaction.
create function lane_lock(lane text) returns lane_budget language plpgsql as $$
declare
  s lane_budget;
begin
  select * into s from lane_budget where lane_id = lane for update;
  if not found then
    insert into lane_budget (lane_id) values (lane) on conflict do nothing;
    select * into s from lane_budget where lane_id = lane for update;
  end if;
  return s;
end $$;

create function lane_save(s lane_budget) returns void language sql as $$
  update lane_budget set
    requests_at_us = s.requests_at_us, input_at_us = s.input_at_us, output_at_us = s.output_at_us, last_send_us = s.last_send_us,
    free_slots = s.free_slots, held_until_us = s.held_until_us, held_reason = s.held_reason, ceiling = s.ceiling, depth = s.depth,
    stretch = s.stretch, clean_us = s.clean_us, admitted = s.admitted, counted_from_us = s.counted_from_us, episode_until_us = s.episode_until_us,
    seen_at_us = s.seen_at_us, ramp_us = s.ramp_us, in_flight_limit = s.in_flight_limit, in_flight_ceiling = s.in_flight_ceiling,
    overload_share = s.overload_share, overload_at_us = s.overload_at_us
  where lane_id = s.lane_id
$$;

-- Settles calls that ended, then reserves one when asked; the whole operation of a worker in one round trip.
--   limits       {requests, input, output (a minute), inFlight, rampUp}; 0 is no limit
--   settlements  [{id, sendUs, sent (0, 1), input, output (used - estimated), kind, retryAfterMs, remaining}]
--   ask          {id, input, output, waitMsMax, leaseMs} or null
--   r            LANE_RULES of @crosscheck/contracts
create function lane_spend(lane text, limits jsonb, settlements jsonb, ask jsonb, r jsonb, given_us double precision)
returns lane_answer language plpgsql as $$
declare
  s lane_budget;
  now_us double precision;
  settlement jsonb;
  reserved record;
  answer lane_answer;
begin
  -- A crash that forgets the last moments of a budget costs nothing; waiting for the disk would cost every call.
  perform set_config('synchronous_commit', 'off', true);
  s := lane_lock(lane);
  -- Read behind the lock: a clock read before it could run backwards between two workers.
  now_us := lane_clock(given_us);
  for settlement in select value from jsonb_array_elements(settlements) loop
    s := lane_settle(s, limits, settlement, r, now_us);
  end loop;
  if ask is not null then
    select * into reserved from lane_reserve(s, limits, ask, r, now_us);
    s := reserved.s;
    answer := reserved.answer;
  end if;
  perform lane_save(s);
  return answer;
end $$;

-- Closes a lane for everybody, or opens it with 0. A longer hold stays as it is.
create function lane_hold(lane text, for_ms double precision, why text, given_us double precision) returns void language plpgsql as $$
declare
  s lane_budget := lane_lock(lane);
  now_us double precision := lane_clock(given_us);
begin
  if for_ms = 0 then
    s.held_until_us := 0;
    -- Whoever opens a lane wants to know what a new 429 teaches: calls from now on are no longer part of the last one.
    s.episode_until_us := least(now_us, s.episode_until_us);
  elsif now_us + for_ms * 1000 > s.held_until_us then
    s.held_until_us := now_us + for_ms * 1000;
    s.held_reason := why;
  end if;
  perform lane_save(s);
end $$;

-- What a reader sees of a lane's budget. Changes nothing and waits for nobody.
create function lane_read(lane text, limits jsonb, r jsonb, given_us double precision)
returns table (in_flight integer, in_flight_max double precision, requests_per_minute double precision, requests_wait_ms double precision,
  input_wait_ms double precision, output_wait_ms double precision, held_until_ms double precision, held_reason text)
language plpgsql stable as $$
declare
  s lane_budget;
  now_us double precision := lane_clock(given_us);
  ramp double precision;
begin
  select * into s from lane_budget b where b.lane_id = lane;
  -- a lane that nobody has used yet has its defaults
  if not found then s := (lane, 0, 0, 0, 0, '{}', 0, '', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)::lane_budget; end if;
  ramp := lane_ramp(s, limits, r);
  return query select
    (select count(*)::integer from lane_lease l where l.lane_id = lane and l.expires_us > now_us),
    nullif(lane_in_flight_max(s, limits), 'infinity'),
    nullif(lane_rate(s, limits, r), 'infinity'),
    greatest(0, ceil((lane_requests_start(s, lane_interval(lane_rate(s, limits, r), r), r) - now_us) / 1000)),
    greatest(0, ceil((lane_tokens_start(s.input_at_us, lane_interval((limits->>'input')::float8 * ramp, r), 0, r) - now_us) / 1000)),
    greatest(0, ceil((lane_tokens_start(s.output_at_us, lane_interval((limits->>'output')::float8 * ramp, r), 0, r) - now_us) / 1000)),
    case when s.held_until_us > now_us then ceil(s.held_until_us / 1000) end,
    s.held_reason;
end $$;
