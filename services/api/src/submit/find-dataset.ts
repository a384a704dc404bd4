import { CrosscheckError, type Prompt, type SweepSpec } from '@crosscheck/contracts';
import {
  placeholdersOf,
  type PlannableSweep,
  REQUEST_BYTES_MAX,
  requestShapes,
  tooLarge,
} from '@crosscheck/experiment';
import {
  type DatasetRow,
  findDataset,
  findPromptTooLarge,
  findPromptWithout,
  isId,
  measurePrompts,
  type Pool,
  readDataset,
  writeDataset,
} from '@crosscheck/store';
import type { PromptSizes } from './estimate.ts';

/** Where a sweep's prompts are: uploaded already, or in the sweep itself, to be written when it is accepted. */
export type FoundDataset = { sizes: PromptSizes } & ({ id: string; version: string } | { id: null; prompts: Prompt[] });

/**
 * Finds what a sweep names as its dataset and checks that its prompts fill every condition.
 *
 * @throws CrosscheckError DATASET_UNKNOWN, PLACEHOLDER_UNKNOWN, REQUEST_TOO_LARGE
 */
export async function findPrompts(
  pool: Pool,
  teamId: string,
  sweep: PlannableSweep,
  ref: SweepSpec['dataset'],
): Promise<FoundDataset> {
  if (sweep.prompts !== null) return { id: null, prompts: sweep.prompts, sizes: sizesOf(sweep.prompts) };
  const dataset = await readNamed(pool, teamId, ref);
  if (!dataset) {
    throw new CrosscheckError(
      'DATASET_UNKNOWN',
      `there is no dataset ${JSON.stringify(ref)}: upload it with POST /v1/datasets?name=…`,
      { field: 'dataset', got: ref },
    );
  }
  await requireVariables(pool, dataset.id, sweep);
  await requireSizes(pool, dataset.id, sweep);
  return {
    id: dataset.id,
    version: dataset.version,
    sizes: { prompts: dataset.prompts, ...(await measurePrompts(pool, dataset.id)) },
  };
}

/** The dataset that a sweep names; null when there is none, or the prompts come with the sweep. */
export async function readNamed(pool: Pool, teamId: string, ref: SweepSpec['dataset']): Promise<DatasetRow | null> {
  if (ref === undefined || 'prompts' in ref) return null;
  if ('id' in ref) return isId(ref.id) ? readDataset(pool, teamId, ref.id) : null;
  return findDataset(pool, teamId, ref);
}

/** The prompts stay in Postgres: only the one that lacks a variable comes here. */
async function requireVariables(pool: Pool, datasetId: string, { conditions }: PlannableSweep): Promise<void> {
  for (const [index, { system, user }] of conditions.entries()) {
    for (const [part, template] of [
      ['system', system ?? ''],
      ['user', user],
    ] as const) {
      const variables = placeholdersOf(template).filter((name) => name !== 'prompt');
      const lacking = variables.length > 0 ? await findPromptWithout(pool, datasetId, variables) : null;
      if (!lacking) continue;
      throw new CrosscheckError(
        'PLACEHOLDER_UNKNOWN',
        `prompt "${lacking.id}" has no variable for {{${lacking.missing}}}`,
        {
          field: `conditions[${index}].${part}`,
          got: lacking.missing,
          expected: 'a placeholder that every prompt fills',
        },
      );
    }
  }
}

async function requireSizes(pool: Pool, datasetId: string, { conditions }: PlannableSweep): Promise<void> {
  for (const { field, ...shape } of requestShapes(conditions)) {
    const found = await findPromptTooLarge(pool, datasetId, { ...shape, bytesMax: REQUEST_BYTES_MAX });
    if (found) throw tooLarge(field, found.id, found.bytes);
  }
}

function sizesOf(prompts: Prompt[]): PromptSizes {
  const bytes = prompts.map(({ text }) => Buffer.byteLength(text));
  const total = bytes.reduce((a, b) => a + b, 0);
  return {
    prompts: prompts.length,
    meanBytes: total / prompts.length,
    maxBytes: bytes.reduce((a, b) => Math.max(a, b), 0),
  };
}

/** Writes the prompts that came with a sweep; the same prompts under the same name are written once. */
export async function keepPrompts(
  pool: Pool,
  teamId: string,
  name: string,
  dataset: FoundDataset,
): Promise<{ id: string; version: string }> {
  if (dataset.id !== null) return dataset;
  return writeDataset(pool, { teamId, name: `inline: ${name}`, prompts: dataset.prompts });
}
