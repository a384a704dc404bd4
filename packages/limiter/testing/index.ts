export { laneBudgetSuite, type OpenLaneBudget, type SuiteOptions } from './lane-budget-suite.ts';
export { type OpenPrefixWarmth, prefixWarmthSuite } from './prefix-warmth-suite.ts';
