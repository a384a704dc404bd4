import type { Role, TenantConfig } from './config.ts';
import { GENEROUS_LIMITS } from './limits/limits.ts';

/** Models that exist only here and are named for the persona that plays them. */
const PERSONA_MODELS = [
  'af-prompted',
  'af-welfare',
  'af-sdf',
  'post-rl',
  'sonnet35-like',
  'no-effect',
  'always-refuse',
  'always-comply',
  'reasoning-refuser',
  'malformed-by-tier',
  'missing-by-tier',
  'clustered',
  'lexical',
  'drift',
  'fast-refusals',
  'dupes',
  'sycophant',
  'open-weight-messy',
  'echo',
] as const;

/** Models that judge whatever they are asked. */
const JUDGE_MODELS: Record<string, Role> = {
  'judge-1': { judge: 'judge@1', alwaysJudges: true },
  'judge-2': { judge: 'judge@2', alwaysJudges: true },
  'judge-exact': { judge: 'judge-exact@1', alwaysJudges: true },
};

/** The models of the simulator's own, by id. */
export const SIMULATED_ROLES: Readonly<Record<string, Role>> = {
  ...Object.fromEntries(PERSONA_MODELS.map((id): [string, Role] => [id, { persona: id }])),
  ...JUDGE_MODELS,
};

/** What a tenant is when nothing is said about it: immediate answers, limits that nobody meets, no faults. */
export const DEFAULT_TENANT = {
  seed: 'crosscheck',
  persona: 'af-prompted',
  judge: 'judge@1',
  models: {},
  latency: 'instant',
  timeScale: 1,
  limits: GENEROUS_LIMITS,
  faults: [],
  dialect: 'anthropic',
  concurrencyMax: 64,
} as const satisfies TenantConfig;
