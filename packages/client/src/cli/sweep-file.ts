import path from 'node:path';
import type { SweepSpec } from '@crosscheck/contracts';
import { UsageError } from './failure.ts';
import { readDocument } from './files.ts';

/** A sweep as it lies in a file: what the API takes, or with a dataset that lies in a file of its own. */
export type SweepFile = {
  spec: SweepSpec;
  /** the dataset file that the sweep names, absolute; null when it names none */
  dataset: { file: string; name?: string } | null;
};

/**
 * Reads a sweep in YAML or JSON (which is YAML). `dataset: {file: prompts.jsonl}` is relative to the sweep's own file. What the sweep says
 * is the server's to check: it knows the models and studies.
 */
export async function readSweepFile(file: string): Promise<SweepFile> {
  const document = await readDocument({ cwd: '.' }, file);
  if (!isRecord(document))
    throw new UsageError(`${file} holds no sweep: expected fields such as name, models, dataset`);
  const { dataset, ...spec } = document;
  if (!isRecord(dataset) || !('file' in dataset)) return { spec: document as SweepSpec, dataset: null };
  return { spec: spec as SweepSpec, dataset: toDatasetFile(dataset, file) };
}

function toDatasetFile({ file, name, ...rest }: Record<string, unknown>, sweepFile: string): SweepFile['dataset'] {
  const unknown = Object.keys(rest)[0];
  if (typeof file !== 'string' || unknown !== undefined || !['string', 'undefined'].includes(typeof name)) {
    const got = JSON.stringify({ file, name, ...rest });
    throw new UsageError(`${sweepFile}: dataset is ${got}: expected {file: prompts.jsonl} and at most a name`);
  }
  const absolute = path.resolve(path.dirname(sweepFile), file);
  return typeof name === 'string' ? { file: absolute, name } : { file: absolute };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
