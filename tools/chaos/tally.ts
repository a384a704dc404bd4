import { type Findings, type Invariant, INVARIANTS } from './invariants.ts';

type Count = { checks: number; broken: number };

/** How often each invariant was looked at after each kind of fault, and how often it did not hold. */
export type Tally = {
  injected: (kind: string) => void;
  add: (kinds: readonly string[], found: Findings) => void;
  /** sentences, each once, with the faults that came before */
  violations: () => string[];
  total: () => number;
  /** the header, then a row for each kind in the given order */
  table: (kinds: readonly string[]) => string[][];
};

export function makeTally(): Tally {
  const injected = new Map<string, number>();
  const counts = new Map<string, Count>();
  const told = new Map<string, string>();

  function cell(kind: string, invariant: Invariant): string {
    const { checks, broken } = counts.get(`${kind}/${invariant}`) ?? { checks: 0, broken: 0 };
    return broken === 0 ? String(checks) : `${broken} of ${checks} BROKEN`;
  }

  return {
    injected: (kind) => void injected.set(kind, (injected.get(kind) ?? 0) + 1),
    add(kinds, found) {
      for (const [invariant, violations] of found) {
        for (const kind of kinds) {
          const key = `${kind}/${invariant}`;
          const { checks, broken } = counts.get(key) ?? { checks: 0, broken: 0 };
          counts.set(key, { checks: checks + 1, broken: broken + (violations.length > 0 ? 1 : 0) });
        }
        for (const violation of violations) {
          if (!told.has(violation))
            told.set(violation, `${invariant}: ${violation} (after ${kinds.slice(-3).join(', ')})`);
        }
      }
    },
    violations: () => [...told.values()],
    total: () => [...injected.values()].reduce((sum, n) => sum + n, 0),
    table: (kinds) => [
      ['fault', 'injected', ...INVARIANTS],
      ...kinds
        .filter((kind) => injected.has(kind))
        .map((kind) => [kind, String(injected.get(kind)), ...INVARIANTS.map((invariant) => cell(kind, invariant))]),
    ],
  };
}
