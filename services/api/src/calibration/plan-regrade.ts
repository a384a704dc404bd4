import { CrosscheckError, type Grader, type ResolvedSweep } from '@crosscheck/contracts';
import { fingerprintOf, resolveGraders } from '@crosscheck/experiment';
import { graderVersion } from '@crosscheck/graders';

export type RegradeRequest = { graders?: Grader[]; only?: string[] };
export type RegradePlan = { graders: ResolvedSweep['graders']; anew: { grader: number; id: string }[] };

/**
 * Which graders a sweep has after a regrade, and which of them judge anew: those whose version is not the one that judged, and those that
 * wait for one of them. A grader takes the place of the one with its id; others are added behind.
 *
 * @param judged the versions that gave the sweep's verdicts, by the ordinal of the grader
 * @throws CrosscheckError as for a new sweep, REFERENCE_UNKNOWN for an `only` that names none of the given graders
 */
export function planRegrade(
  before: ResolvedSweep['graders'],
  { graders: given = [], only }: RegradeRequest,
  judged: ReadonlyMap<number, string[]>,
): RegradePlan {
  const taken = takeOnly(given, only);
  const replaced = before.map((grader) => taken.find(({ id }) => id === grader.id) ?? grader);
  const added = taken.filter(({ id }) => !before.some((grader) => grader.id === id));
  const graders = resolveGraders([...replaced, ...added]);
  const changed = new Set<number>();
  for (const [ordinal, grader] of graders.entries()) {
    const version = graderVersion(grader, fingerprintOf);
    const stands = judged.get(ordinal) ?? [];
    const isNew = ordinal >= before.length || stands.some((one) => one !== version);
    if (isNew || waitsFor(grader, graders, changed)) changed.add(ordinal);
  }
  return { graders, anew: [...changed].map((grader) => ({ grader, id: graders[grader]?.id ?? '' })) };
}

function takeOnly(given: Grader[], only: string[] | undefined): Grader[] {
  const known = given.map(({ id }) => id);
  const twice = known.find((id, index) => known.indexOf(id) !== index);
  if (twice !== undefined)
    throw new CrosscheckError('ID_DUPLICATE', `two graders are called "${twice}"`, { field: 'graders', got: twice });
  const unknown = only?.find((id) => !known.includes(id));
  if (unknown === undefined) return given.filter(({ id }) => only?.includes(id) ?? true);
  throw new CrosscheckError('REFERENCE_UNKNOWN', `"only" names "${unknown}", which is not among the graders sent`, {
    field: 'only',
    got: unknown,
    expected: known.join(', '),
  });
}

/** Whether a grader reads what a changed one says: by its `when`, or as the judge of partial compliance. */
function waitsFor(grader: Grader, graders: readonly Grader[], changed: ReadonlySet<number>): boolean {
  if (grader.kind !== 'judge') return false;
  const read = [...changed].map((ordinal) => graders[ordinal]);
  if (grader.rubric === 'partial-compliance' && read.some((one) => one?.measures === 'compliance')) return true;
  return grader.when !== undefined && read.some((one) => one?.id === grader.when?.grader);
}
