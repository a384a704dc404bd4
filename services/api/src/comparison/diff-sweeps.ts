import type { ResolvedCondition, SweepDiff, SweepDifference } from '@crosscheck/contracts';
import { canonicalJson } from '@crosscheck/experiment';
import { diffLines } from './diff-lines.ts';
import { differingBlocks } from './match-conditions.ts';
import { isImported, type Side, toComparedSweep } from './side.ts';

/** What two sweeps differ in, byte by byte. Name, labels, priority and budget change nothing that is measured: they do not count. */
export function diffSweeps(a: Side, b: Side): SweepDiff {
  const differences = [
    ...diffFields(a, b),
    ...diffById('graders', gradersOf(a), gradersOf(b)),
    ...diffById('contrasts', contrastsOf(a), contrastsOf(b)),
    ...diffConditions(a, b),
  ];
  return { a: toComparedSweep(a), b: toComparedSweep(b), same: differences.length === 0, differences };
}

function diffFields(a: Side, b: Side): SweepDifference[] {
  const [fieldsA, fieldsB] = [fieldsOf(a), fieldsOf(b)];
  const names = new Set([...fieldsA.keys(), ...fieldsB.keys()]);
  return [...names].flatMap((name) => difference(name, fieldsA.get(name) ?? null, fieldsB.get(name) ?? null));
}

function fieldsOf({ sweep: { spec, provenance }, dataset }: Side): Map<string, string> {
  return new Map([
    // What was imported was not asked here: it is no other experiment than one that ran, and no same one.
    ['origin', provenance === 'imported' ? 'imported' : 'run here'],
    ['study', spec.study ?? 'none'],
    ['models', spec.models.join('\n')],
    ['samples', String(spec.samples)],
    ['seed', String(spec.seed)],
    ...(spec.stop ? [['stop', canonicalJson(spec.stop)] as const] : []),
    ['dataset', dataset === null ? 'none' : `version ${dataset.version}, ${dataset.prompts} prompts`],
    ...Object.entries(spec.sampling).map(([name, value]): [string, string] => [
      `sampling/${name}`,
      canonicalJson(value),
    ]),
  ]);
}

function gradersOf({ sweep, versions }: Side): Map<string, string> {
  return new Map(
    sweep.spec.graders.map((grader): [string, string] => [
      grader.id,
      toText({ ...grader, version: versions.get(grader.id) ?? '' }),
    ]),
  );
}

function contrastsOf({ sweep }: Side): Map<string, string> {
  return new Map(
    sweep.spec.contrasts.map(({ id, treatment, control }): [string, string] => [id, `${treatment} − ${control}`]),
  );
}

function diffById(where: string, a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): SweepDifference[] {
  const ids = new Set([...a.keys(), ...b.keys()]);
  return [...ids].flatMap((id) => difference(`${where}/${id}`, a.get(id) ?? null, b.get(id) ?? null));
}

/** Conditions go by their ids: under another id the same bytes are another cell of the sweep. */
function diffConditions(a: Side, b: Side): SweepDifference[] {
  const [ofA, ofB] = [conditionsOf(a), conditionsOf(b)];
  const ids = new Set([...ofA.keys(), ...ofB.keys()]);
  return [...ids].flatMap((id) => {
    const [one, other] = [ofA.get(id), ofB.get(id)];
    const where = `conditions/${id}`;
    if (one === undefined || other === undefined) {
      return difference(where, one ? wholeOf(a, id) : null, other ? wholeOf(b, id) : null);
    }
    return diffCondition(
      where,
      one,
      other,
      isImported(a) || isImported(b) ? [] : differingBlocks(a, b, { a: id, b: id }),
    );
  });
}

function diffCondition(
  where: string,
  one: ResolvedCondition,
  other: ResolvedCondition,
  blocks: readonly string[],
): SweepDifference[] {
  const system = blocks.filter((name) => name.startsWith('system/'));
  const found = [
    ...difference(`${where}/user`, one.user, other.user),
    ...difference(`${where}/expects`, canonicalJson(one.expects), canonicalJson(other.expects)),
  ];
  if (system.length > 0) {
    const [differs] = difference(`${where}/${system.join(', ')}`, one.system ?? '', other.system ?? '');
    if (differs) found.unshift(differs);
  }
  // Sampling is a field of the sweep and is told there.
  if (blocks.includes('parser')) found.push({ where: `${where}/parser`, a: null, b: null, lines: [] });
  return found;
}

function difference(where: string, a: string | null, b: string | null): SweepDifference[] {
  if (a === b) return [];
  return [{ where, a: clip(a), b: clip(b), lines: a === null || b === null ? [] : linesOf(a, b) }];
}

/** Short values stand side by side and need no lines. */
function linesOf(a: string, b: string): string[] {
  return a.includes('\n') || b.includes('\n') || a.length + b.length > SHORT ? diffLines(a, b) : [];
}

const SHORT = 120;
const VALUE_MAX = 2_000;
const clip = (text: string | null): string | null =>
  text !== null && text.length > VALUE_MAX ? `${text.slice(0, VALUE_MAX - 1)}…` : text;
const toText = (value: object): string =>
  Object.entries(value)
    .sort(([x], [y]) => (x < y ? -1 : 1))
    .map(([name, each]) => `${name}: ${typeof each === 'string' ? each : canonicalJson(each ?? null)}`)
    .join('\n');
const conditionsOf = ({ sweep }: Side) => new Map(sweep.spec.conditions.map((condition) => [condition.id, condition]));
const wholeOf = ({ fingerprints }: Side, id: string): string => `fingerprint ${fingerprints.get(id)?.whole ?? ''}`;
