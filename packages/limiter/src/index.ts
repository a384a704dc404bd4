export { openRedisLaneBudget, type RedisLaneBudgetOptions } from './redis-lane-budget.ts';
export { type GateAnswer, type LaneGate, type LaneGateOptions, makeLaneGate } from './lane-gate.ts';
export { type CallToEstimate, type EstimatedCall, makeTokenEstimator, type TokenEstimator } from './token-estimator.ts';
export { makePrefixGate, type Passage, type PrefixGate, type PrefixGateOptions } from './prefix-gate.ts';
export { openRedisPrefixWarmth, type RedisPrefixWarmthOptions } from './redis-prefix-warmth.ts';
