--[[ read.lua: what a reader sees of a lane's budget (follows lane.lua); changes nothing
  Returns  {inFlight, inFlightMax, requestsPerMinute, requestsAtUs, inputAtUs, outputAtUs, heldUntilUs, heldReason, nowUs}
           as strings; inFlightMax and requestsPerMinute are '0' without a limit, ...AtUs is when a small call could start ]]
local function finite(number) return digits(number == math.huge and 0 or number) end
local starts = startsOf(0, 0)
return {digits(countInFlight()), finite(inFlightMaxOf()), finite(rateOf()), digits(starts.requests), digits(starts.input),
  digits(starts.output), digits(state.heldUntilUs), redis.call('HGET', stateKey, 'heldReason') or '', digits(nowUs)}
