--[[ lane.lua: the arithmetic of a lane's budget, put in front of every script that needs it. testing/lane-model.ts says why.
  KEYS[1]  state       hash of numbers; times in whole microseconds since the epoch ("...Us")
  KEYS[2]  leases      sorted set: calls in flight or about to start, by the microsecond at which their lease ends
  KEYS[3]  free-slots  sorted set: starts that were given back, by their microsecond
  ARGV[1]  nowUs       '0': the server's clock counts, so that workers whose clocks differ share one budget. Tests give their own.
  ARGV[2]  limits      JSON {requests, input, output (a minute), inFlight, rampUp}; 0 is no limit
  ARGV[3]  rules       JSON, LANE_RULES of @crosscheck/contracts ]]
local MINUTE_US = 60000000
local IDLE_MS = 86400000
local stateKey, leasesKey, slotsKey = KEYS[1], KEYS[2], KEYS[3]
local limits, R = cjson.decode(ARGV[2]), cjson.decode(ARGV[3])
local nowUs = tonumber(ARGV[1])
if nowUs == 0 then
  local time = redis.call('TIME')
  nowUs = time[1] * 1000000 + time[2]
end

local FIELDS = {'requestsAtUs', 'inputAtUs', 'outputAtUs', 'lastSendUs', 'heldUntilUs', 'ceiling', 'depth', 'stretch', 'cleanUs', 'admitted',
  'countedFromUs', 'episodeUntilUs', 'seenAtUs', 'rampUs', 'inFlightLimit', 'inFlightCeiling', 'overloadShare', 'overloadAtUs'}
local state = {}
local stored = redis.call('HMGET', stateKey, unpack(FIELDS))
for i, field in ipairs(FIELDS) do state[field] = tonumber(stored[i] or 0) end

-- 17 digits are a double's all: Lua's own tostring keeps 14, which is a tenth of a millisecond in today's microseconds.
local function digits(number) return string.format('%.17g', number) end

local function save()
  local flat = {}
  for _, field in ipairs(FIELDS) do
    flat[#flat + 1] = field
    flat[#flat + 1] = digits(state[field])
  end
  redis.call('HSET', stateKey, unpack(flat))
  local idleMs = IDLE_MS + math.max(0, math.ceil((state.heldUntilUs - nowUs) / 1000))
  for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, idleMs) end
end

local function rampOf()
  if limits.rampUp == 0 then return 1 end
  return math.min(1, math.floor(R.rampStart * R.rampGrowth ^ (state.rampUs / R.rampStepUs) * R.rampGrid) / R.rampGrid)
end

local function rateOf()
  local configured = math.huge
  if limits.requests > 0 then configured = limits.requests * rampOf() end
  if state.ceiling == 0 then return configured end
  local left = 1 - state.cleanUs / (R.recoveryUs * math.max(1, state.stretch))
  return math.min(configured, math.max(R.rateMin, state.ceiling * (1 - state.depth * left * left * left)))
end

local function intervalsOf()
  local ramp = rampOf()
  local function each(perMinute)
    if perMinute == 0 then return 0 end
    return MINUTE_US / (perMinute * R.pace * ramp)
  end
  return {requests = MINUTE_US / (rateOf() * R.pace), input = each(limits.input), output = each(limits.output)}
end

local function inFlightMaxOf()
  local configured = math.huge
  if limits.inFlight > 0 then configured = limits.inFlight end
  if state.inFlightLimit == 0 then return configured end
  return math.min(configured, math.floor(state.inFlightLimit))
end

local function startsOf(input, output)
  local every = intervalsOf()
  local function start(atUs, interval, n)
    if interval == 0 then return 0 end
    return atUs + math.min(math.ceil(n * interval), R.tokenBurstUs) - R.tokenBurstUs
  end
  local requests = 0
  if every.requests > 0 then requests = math.ceil(state.requestsAtUs - math.max(0, R.requestBurstUs - every.requests)) end
  return {requests = requests, input = start(state.inputAtUs, every.input, input), output = start(state.outputAtUs, every.output, output)}
end

local function countInFlight() return redis.call('ZCOUNT', leasesKey, '(' .. digits(nowUs), '+inf') end
