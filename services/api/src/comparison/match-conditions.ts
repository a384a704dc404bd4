import type { ConditionPair } from '@crosscheck/contracts';
import { diffFingerprints } from '@crosscheck/experiment';
import { isImported, type Side } from './side.ts';

/** The conditions of two sweeps that belong together: those of one id, then, among the rest, those of one fingerprint. */
export function matchConditions(a: Side, b: Side): ConditionPair[] {
  const [idsA, idsB] = [idsOf(a), idsOf(b)];
  const pairs = idsA.filter((id) => idsB.includes(id)).map((id) => toPair(a, b, { a: id, b: id, by: 'id' }));
  // An import has no bytes, so that all of its conditions have one fingerprint.
  if (isImported(a) || isImported(b)) return pairs;
  const left = new Set(idsB.filter((id) => !idsA.includes(id)));
  for (const id of idsA.filter((one) => !idsB.includes(one))) {
    const twin = [...left].find((other) => wholeOf(b, other) === wholeOf(a, id));
    if (twin === undefined) continue;
    left.delete(twin);
    pairs.push(toPair(a, b, { a: id, b: twin, by: 'fingerprint' }));
  }
  return pairs;
}

/** The names of the blocks in which a condition of one sweep differs from one of the other. */
export function differingBlocks(a: Side, b: Side, pair: { a: string; b: string }): string[] {
  const [one, other] = [a.fingerprints.get(pair.a), b.fingerprints.get(pair.b)];
  if (one === undefined || other === undefined) return [];
  const names = diffFingerprints(one, other);
  // The same bytes under another fingerprint were accepted under another version of the parser.
  const isOtherParser = names.length === 0 && a.keptFingerprints.get(pair.a) !== b.keptFingerprints.get(pair.b);
  return isOtherParser ? ['parser'] : names;
}

function toPair(a: Side, b: Side, pair: Pick<ConditionPair, 'a' | 'b' | 'by'>): ConditionPair {
  if (isImported(a) || isImported(b)) return { ...pair, same: null, differing: [] };
  const differing = differingBlocks(a, b, pair);
  return { ...pair, same: differing.length === 0, differing };
}

const idsOf = ({ sweep }: Side): string[] => sweep.spec.conditions.map(({ id }) => id);
const wholeOf = ({ fingerprints }: Side, id: string): string | undefined => fingerprints.get(id)?.whole;
