--[[ hold.lua: closes a lane for everybody, or opens it
  KEYS[1]  state   the lane's hash
  ARGV[1]  nowUs   '0': the server's clock counts. Tests give their own.
  ARGV[2]  forMs   close for this long from now; a longer hold stays as it is. 0 opens at once
  ARGV[3]  reason  for people who ask why the lane waits
  Returns  1 when the hold was set or lifted, 0 when a longer one stays ]]
local IDLE_MS = 86400000
local nowUs = tonumber(ARGV[1])
if nowUs == 0 then
  local time = redis.call('TIME')
  nowUs = time[1] * 1000000 + time[2]
end
local held = redis.call('HMGET', KEYS[1], 'heldUntilUs', 'episodeUntilUs')
local forMs = tonumber(ARGV[2])
if forMs == 0 then
  -- Whoever opens a lane wants to know what a new 429 teaches: calls from now on are no longer part of the last one.
  local episodeUntilUs = math.min(nowUs, tonumber(held[2] or 0))
  redis.call('HSET', KEYS[1], 'heldUntilUs', '0', 'episodeUntilUs', string.format('%.17g', episodeUntilUs))
  return 1
end
local untilUs = nowUs + forMs * 1000
if untilUs <= tonumber(held[1] or 0) then return 0 end
redis.call('HSET', KEYS[1], 'heldUntilUs', string.format('%.17g', untilUs), 'heldReason', ARGV[3])
redis.call('PEXPIRE', KEYS[1], math.ceil(forMs) + IDLE_MS)
return 1
