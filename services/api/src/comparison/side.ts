import type { ComparedSweep } from '@crosscheck/contracts';
import { type ConditionFingerprint, fingerprintCondition, fingerprintOf } from '@crosscheck/experiment';
import { graderVersion } from '@crosscheck/graders';
import {
  type DatasetRow,
  type Db,
  type PromptMark,
  readDataset,
  readFingerprints,
  readPromptMarks,
  type SweepRow,
} from '@crosscheck/store';

/** One of two sweeps, with what it takes to hold it against the other. */
export type Side = {
  sweep: SweepRow;
  dataset: DatasetRow | null;
  prompts: PromptMark[];
  /** as they were kept when the sweep was accepted, by condition: with the parser of that day */
  keptFingerprints: ReadonlyMap<string, string>;
  /** by condition, from the bytes of the spec and with the parser of now */
  fingerprints: ReadonlyMap<string, ConditionFingerprint>;
  /** by grader */
  versions: ReadonlyMap<string, string>;
};

export async function readSide(db: Db, sweep: SweepRow): Promise<Side> {
  const { spec, datasetId, teamId } = sweep;
  const [dataset, prompts, keptFingerprints] = await Promise.all([
    datasetId === null ? null : readDataset(db, teamId, datasetId),
    datasetId === null ? [] : readPromptMarks(db, datasetId),
    readFingerprints(db, sweep.id),
  ]);
  return {
    sweep,
    dataset,
    prompts,
    keptFingerprints,
    fingerprints: new Map(
      spec.conditions.map((condition) => [condition.id, fingerprintCondition({ condition, sampling: spec.sampling })]),
    ),
    versions: versionsOf(sweep),
  };
}

/** The versions of a sweep's graders. Imported labels have no instrument. */
export function versionsOf({ spec, provenance }: Pick<SweepRow, 'spec' | 'provenance'>): Map<string, string> {
  return new Map(
    spec.graders.map((grader) => [
      grader.id,
      provenance === 'imported' ? 'imported' : graderVersion(grader, fingerprintOf),
    ]),
  );
}

export const isImported = ({ sweep }: Side): boolean => sweep.provenance === 'imported';

export function toComparedSweep({ sweep, prompts }: Side): ComparedSweep {
  const { id, name, state, provenance } = sweep;
  return { id, name, state, provenance, prompts: prompts.length };
}
