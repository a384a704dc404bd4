import { BUILT_IN_JUDGES, BUILT_IN_PERSONAS } from '../behaviour/built-in-personas.ts';
import { makeItemEffect } from '../behaviour/item-effect.ts';
import { personaName, type JudgePersona, type Persona } from '../behaviour/persona.ts';
import type { Cast } from '../behaviour/respond.ts';
import { ConfigError, type Role, type SimulatorConfig } from '../config.ts';
import { SIMULATED_ROLES } from '../defaults.ts';
import { catalogModels, simulatedModel, type SimulatedModel } from '../model-facts.ts';

/** Everything that all tenants share: the models and who can play them. */
export type Ensemble = {
  models: ReadonlyMap<string, SimulatedModel>;
  personaOf(name: string): Persona;
  judgeOf(name: string): JudgePersona;
};

/** Makes the ensemble of a configuration. @throws ConfigError when a persona is ambiguous or a pattern does not compile */
export function makeEnsemble(config: SimulatorConfig): Ensemble {
  const known = [...catalogModels(), ...Object.keys(SIMULATED_ROLES).map(simulatedModel), ...(config.models ?? [])];
  return {
    models: new Map(known.flatMap((model) => [model.id, ...model.aliases].map((name) => [name, model] as const))),
    personaOf: byName('persona', [...BUILT_IN_PERSONAS, ...(config.personas ?? [])]),
    judgeOf: byName('judge', [...BUILT_IN_JUDGES, ...(config.judges ?? [])]),
  };
}

/** Finds by `id@version`, or by `id` the newest version. Later entries replace earlier ones of the same name. */
function byName<T extends { id: string; version: number }>(what: string, all: readonly T[]): (name: string) => T {
  const exact = new Map(all.map((one) => [personaName(one), one]));
  const newest = new Map<string, T>();
  for (const one of exact.values()) {
    if ((newest.get(one.id)?.version ?? -1) <= one.version) newest.set(one.id, one);
  }
  return (name) => {
    const found = exact.get(name) ?? newest.get(name);
    if (found === undefined) {
      throw new ConfigError(`There is no ${what} "${name}"; known are ${[...exact.keys()].join(', ')}`);
    }
    return found;
  };
}

/** The role that a tenant gives to a model, by its id or one of its aliases; else that of the simulated id. */
export function roleOf(model: SimulatedModel, roles: Readonly<Record<string, Role>>): Role {
  const name = [model.id, ...model.aliases].find((one) => one in roles);
  return (name === undefined ? SIMULATED_ROLES[model.id] : roles[name]) ?? {};
}

/** Who plays which model for a tenant; a model without a role gets the default persona. */
export function makeCasting(
  ensemble: Ensemble,
  defaults: { seed: string; persona: string; judge: string; models: Record<string, Role> },
): (model: SimulatedModel) => Cast {
  const casts = new Map<string, Cast>();
  return (model) => {
    const known = casts.get(model.id);
    if (known !== undefined) return known;
    const role = roleOf(model, defaults.models);
    const persona = ensemble.personaOf(role.persona ?? defaults.persona);
    const seed = role.seed ?? defaults.seed;
    const cast: Cast = {
      persona,
      judge: ensemble.judgeOf(role.judge ?? defaults.judge),
      alwaysJudges: role.alwaysJudges ?? false,
      seed,
      effect: makeItemEffect({ seed, sigma: persona.itemEffect?.sigma ?? 0, rho: persona.itemEffect?.rho ?? 1 }),
      strip: (persona.cueStrip ?? []).map((pattern) => new RegExp(pattern, 'i')),
    };
    casts.set(model.id, cast);
    return cast;
  };
}
