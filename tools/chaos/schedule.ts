import { kindsFor } from './fault-kinds.ts';
import type { FaultKind, QueueMode } from './fault-ways.ts';
import { makeRandom, shuffled } from './random.ts';

export type PlannedFault = {
  kind: FaultKind;
  /** from the end of the fault before, ms */
  afterMs: number;
  /** how long it holds; 0 for what happens in a moment, ms */
  lastsMs: number;
  /** in [0, 1): which process, how slow, whatever the kind has to choose */
  pick: number;
};

const GAP_MS = { min: 600, max: 2_200 };

/**
 * The faults of one run. The same seed gives the same schedule: kinds are dealt from shuffled decks, so that each comes as often as any
 * other and never in the same neighbourhood.
 *
 * @param kinds only these, in place of all that the mode has
 */
export function planFaults({
  seed,
  count,
  mode,
  kinds = kindsFor(mode),
}: {
  seed: number;
  count: number;
  mode: QueueMode;
  kinds?: readonly FaultKind[];
}): PlannedFault[] {
  const random = makeRandom(seed);
  const faults: PlannedFault[] = [];
  while (faults.length < count) {
    for (const kind of shuffled(kinds, random)) {
      const { min, max } = kind.lastsMs;
      faults.push({
        kind,
        afterMs: Math.round(GAP_MS.min + random() * (GAP_MS.max - GAP_MS.min)),
        lastsMs: Math.round(min + random() * (max - min)),
        pick: random(),
      });
    }
  }
  return faults.slice(0, count);
}
