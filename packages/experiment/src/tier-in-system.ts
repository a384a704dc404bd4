import type { Contrast, ResolvedCondition } from '@crosscheck/contracts';

/**
 * Warns of contrasts between tiers whose system prompts differ. Then the gap may come from the prompt rather than from the tier, and
 * the prefix is cached once for each tier.
 */
export function warnOfTierInSystem(
  conditions: readonly ResolvedCondition[],
  contrasts: readonly Required<Contrast>[],
): string[] {
  const byId = new Map(conditions.map((condition) => [condition.id, condition]));
  return contrasts.flatMap(({ id, treatment, control }) => {
    const [one, other] = [byId.get(treatment), byId.get(control)];
    if (one === undefined || other === undefined || !differInTierOnly(one, other)) return [];
    if (one.system === other.system) return [];
    return [
      `Contrast "${id}" compares tiers, but the system prompts of "${treatment}" and "${control}" differ: name the tier in the user turn only.`,
    ];
  });
}

function differInTierOnly(one: ResolvedCondition, other: ResolvedCondition): boolean {
  const names = new Set([...Object.keys(one.labels), ...Object.keys(other.labels)]);
  const differing = [...names].filter((name) => one.labels[name] !== other.labels[name]);
  return differing.length === 1 && differing[0] === 'tier';
}
