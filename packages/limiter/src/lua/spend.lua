--[[ spend.lua: settles calls that ended, then reserves one (follows lane.lua)
  ARGV[4]  settlements  JSON [{id, sendUs, sent (0, 1), input, output (used - estimated), kind, retryAfterMs, remaining}]
  ARGV[5]  ask          JSON {id, input, output, waitMsMax, leaseMs}, or '' for settlements alone
  Returns  {1, sendUs, waitMs}              reserved: send after waitMs, settle with sendUs
           {0, binds, retryInMs, reason}    refused, nothing was taken; binds is a resource or 'hold'
           {}                               nothing was asked ]]
-- An underestimate becomes debt. An overestimate is refunded, but no bucket becomes fuller than full at the latest start given.
local function correct(atUs, byUs)
  if byUs > 0 then return math.max(atUs, nowUs) + math.ceil(byUs) end
  return math.max(atUs + math.ceil(byUs), math.min(atUs, state.lastSendUs))
end

local function uncount(sendUs)
  if sendUs > state.countedFromUs then state.admitted = math.max(0, state.admitted - 1) end
end

local function giveBack(settlement, interval)
  if settlement.sendUs > nowUs and interval > 0 then
    redis.call('ZADD', slotsKey, digits(settlement.sendUs), settlement.id)
  end
  uncount(settlement.sendUs)
end

-- Rate headers are rounded and shared with others: they may shrink a bucket, never fill it.
local function shrink(atUs, burstUs, interval, left)
  if interval == 0 or left == nil then return atUs end
  return math.max(atUs, nowUs + math.ceil(burstUs - left * interval))
end

local function succeed(remaining)
  local every = intervalsOf()
  state.requestsAtUs = shrink(state.requestsAtUs, math.max(R.requestBurstUs, every.requests), every.requests, remaining.requests)
  state.inputAtUs = shrink(state.inputAtUs, R.tokenBurstUs, every.input, remaining.inputTokens)
  state.outputAtUs = shrink(state.outputAtUs, R.tokenBurstUs, every.output, remaining.outputTokens)
  state.overloadShare = state.overloadShare * (1 - R.overloadWeight)
  if state.inFlightLimit == 0 then return end
  state.inFlightLimit = state.inFlightLimit + 1 / state.inFlightLimit
  local configured = limits.inFlight > 0 and limits.inFlight or math.huge
  if state.inFlightLimit >= math.min(state.inFlightCeiling, configured) then state.inFlightLimit = 0 end
end

local function shrinkRate(known)
  local rate = rateOf()
  local interval = MINUTE_US / (rate * R.pace)
  local ahead = interval == 0 and 0 or math.max(0, math.floor((state.lastSendUs - nowUs) / interval))
  local sleeping = math.min(state.admitted, ahead)
  local observed = (state.admitted - sleeping) * MINUTE_US / math.max(1000000, nowUs - state.countedFromUs)
  local refused = rate == math.huge and observed or rate
  local ceiling, depth = refused, R.firstCut
  if known then
    local passed = state.cleanUs >= R.recoveryUs * state.stretch
    local lowest = refused * (passed and R.keepMinPassed or R.keepMin)
    ceiling, depth = math.min(math.max(observed, lowest), refused * R.keepMax), R.nextCut
  end
  ceiling = math.max(R.rateMin, ceiling)
  local same = known and ceiling >= state.ceiling * R.sameCeiling
  state.stretch = same and math.min(R.stretchMax, 2 * math.max(1, state.stretch)) or 1
  state.ceiling, state.depth = ceiling, depth
  state.cleanUs, state.countedFromUs, state.admitted = 0, nowUs, sleeping
  -- The bucket is empty over there: no burst when the lane opens, and the new spacing from the very next start on.
  local every = intervalsOf().requests
  local nextUs = math.max(state.heldUntilUs, state.lastSendUs + every)
  state.requestsAtUs = math.max(state.requestsAtUs, math.ceil(nextUs + math.max(0, R.requestBurstUs - every)))
end

local function beLimited(settlement)
  local untilUs = nowUs + settlement.retryAfterMs * 1000
  if untilUs > state.heldUntilUs then
    state.heldUntilUs = untilUs
    redis.call('HSET', stateKey, 'heldReason', 'the provider answered 429')
  end
  uncount(settlement.sendUs)
  local known = state.episodeUntilUs > nowUs - R.episodeMemoryUs
  local sameEpisode = settlement.sendUs <= state.episodeUntilUs
  state.episodeUntilUs = math.max(state.episodeUntilUs, untilUs)
  if not sameEpisode then shrinkRate(known) end
end

local function beOverloaded(sendUs, inFlight)
  state.overloadShare = state.overloadShare + (1 - state.overloadShare) * R.overloadWeight
  if state.overloadShare < R.overloadShareMax or sendUs <= state.overloadAtUs then return end
  local before = math.min(inFlight, inFlightMaxOf())
  if state.inFlightLimit == 0 then state.inFlightCeiling = 2 * before end
  state.inFlightLimit = math.max(1, before * R.overloadKeep)
  state.overloadAtUs, state.overloadShare = nowUs, 0
end

local function settle(settlement)
  local inFlight = settlement.kind == 'overloaded' and countInFlight()
  -- A call that is settled after its lease was given up long ago: what it taught is as old.
  if tonumber(redis.call('ZSCORE', leasesKey, settlement.id) or 0) <= nowUs then return end
  redis.call('ZREM', leasesKey, settlement.id)
  local every = intervalsOf()
  state.inputAtUs = correct(state.inputAtUs, settlement.input * every.input)
  state.outputAtUs = correct(state.outputAtUs, settlement.output * every.output)
  if settlement.sent == 0 then return giveBack(settlement, every.requests) end
  if settlement.kind == 'ok' then return succeed(settlement.remaining) end
  if settlement.kind == 'limited' then return beLimited(settlement) end
  beOverloaded(settlement.sendUs, inFlight)
end

local function take(ask, sendUs, slot)
  local every = intervalsOf()
  if slot then
    redis.call('ZREM', slotsKey, slot)
  else
    state.requestsAtUs = math.max(state.requestsAtUs, sendUs) + math.ceil(every.requests)
    state.lastSendUs = math.max(state.lastSendUs, sendUs)
  end
  state.inputAtUs = math.max(state.inputAtUs, sendUs) + math.ceil(ask.input * every.input)
  state.outputAtUs = math.max(state.outputAtUs, sendUs) + math.ceil(ask.output * every.output)
  redis.call('ZADD', leasesKey, digits(sendUs + ask.leaseMs * 1000), ask.id)
  state.admitted = state.admitted + 1
end

local function grow()
  local idleUs = nowUs - state.seenAtUs
  local stepUs = math.min(idleUs, math.max(1000000, 2 * intervalsOf().requests))
  state.seenAtUs = nowUs
  state.cleanUs = state.cleanUs + stepUs
  state.rampUs = idleUs > R.rampIdleUs and 0 or state.rampUs + stepUs
  if state.countedFromUs == 0 then state.countedFromUs = nowUs end
  if nowUs - state.countedFromUs > R.episodeMemoryUs then
    state.countedFromUs = nowUs - (nowUs - state.countedFromUs) / 2
    state.admitted = state.admitted / 2
  end
end

local function reserve(ask)
  if state.heldUntilUs > nowUs then
    return {0, 'hold', math.ceil((state.heldUntilUs - nowUs) / 1000), redis.call('HGET', stateKey, 'heldReason')}
  end
  redis.call('ZREMRANGEBYSCORE', leasesKey, '-inf', digits(nowUs))
  if redis.call('ZCARD', leasesKey) >= inFlightMaxOf() then return {0, 'inFlight', R.inFlightRetryMs} end
  local starts = startsOf(ask.input, ask.output)
  local tokensUs = math.max(nowUs, starts.input, starts.output)
  local sendUs = math.max(tokensUs, starts.requests, state.lastSendUs)
  local slot = redis.call('ZRANGEBYSCORE', slotsKey, digits(tokensUs), digits(sendUs), 'WITHSCORES', 'LIMIT', 0, 1)
  if slot[1] then sendUs = tonumber(slot[2]) end
  local waitMs = math.ceil((sendUs - nowUs) / 1000)
  if waitMs > ask.waitMsMax then
    local binds, tokens = 'inputTokens', starts.input
    if starts.output > starts.input then binds, tokens = 'outputTokens', starts.output end
    if starts.requests >= tokensUs or tokens < tokensUs then binds = 'requests' end
    return {0, binds, waitMs - ask.waitMsMax}
  end
  take(ask, sendUs, slot[1])
  grow()
  redis.call('ZREMRANGEBYSCORE', slotsKey, '-inf', digits(nowUs))
  return {1, digits(sendUs), waitMs}
end

for _, settlement in ipairs(cjson.decode(ARGV[4])) do settle(settlement) end
local answer = {}
if ARGV[5] ~= '' then answer = reserve(cjson.decode(ARGV[5])) end
save()
return answer
