export { openRedisLaneBudget, type RedisLaneBudgetOptions } from './redis-lane-budget.ts';
export { type GateAnswer, type LaneGate, type LaneGateOptions, makeLaneGate } from './lane-gate.ts';
export { type EstimatedCall, makeTokenEstimator, type TokenEstimator } from './token-estimator.ts';
