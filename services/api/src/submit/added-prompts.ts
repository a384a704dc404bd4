import { CrosscheckError, type ExtensionSpec, type Prompt } from '@crosscheck/contracts';
import { canonicalJson, checkPlaceholders, checkRequestSize, requestShapes } from '@crosscheck/experiment';
import { type Pool, readPrompts, readPromptsById, type SweepRow } from '@crosscheck/store';
import type { PromptSizes } from './estimate.ts';
import { readNamed } from './find-dataset.ts';

const PAGE = 1_000;

/** The prompts that an extension brings and the sweep does not have, read as often as they are asked for. */
export type AddedPrompts = { sizes: PromptSizes; first: Prompt[]; read(): AsyncGenerator<Prompt> };

/**
 * Finds the prompts that are new to a sweep. What it has already is left out; the same id with another text is refused, for then nobody could
 * say which of the two an outcome is about.
 *
 * @returns null where the extension names none
 * @throws CrosscheckError DATASET_UNKNOWN, ID_DUPLICATE, PLACEHOLDER_UNKNOWN, REQUEST_TOO_LARGE
 */
export async function findAddedPrompts(
  pool: Pool,
  sweep: SweepRow,
  { prompts, dataset }: ExtensionSpec,
  sample: number,
): Promise<AddedPrompts | null> {
  if (prompts === undefined && dataset === undefined) return null;
  const inline = prompts ?? (dataset !== undefined && 'prompts' in dataset ? dataset.prompts : null);
  if (inline) requireUniqueIds(inline);
  const named = inline ? null : await requireNamed(pool, sweep.teamId, dataset);
  const read = () => leaveOutKnown(pool, sweep, inline ? pagesOf(inline) : pagesOfDataset(pool, named?.id ?? ''));
  const sizes = { prompts: 0, meanBytes: 0, maxBytes: 0 };
  const shapes = requestShapes(sweep.spec.conditions);
  const first: Prompt[] = [];
  let total = 0;
  for await (const prompt of read()) {
    checkPlaceholders(sweep.spec.conditions, [prompt]);
    checkRequestSize(shapes, prompt);
    const bytes = Buffer.byteLength(prompt.text);
    [sizes.prompts, sizes.maxBytes, total] = [sizes.prompts + 1, Math.max(sizes.maxBytes, bytes), total + bytes];
    if (first.length < sample) first.push(prompt);
  }
  return { sizes: { ...sizes, meanBytes: sizes.prompts === 0 ? 0 : total / sizes.prompts }, first, read };
}

/** The prompts that a sweep has, then those that are new to it. */
export async function* joinPrompts(pool: Pool, sweep: SweepRow, added: AddedPrompts): AsyncGenerator<Prompt> {
  for await (const page of pagesOfDataset(pool, sweep.datasetId ?? '')) yield* page;
  yield* added.read();
}

async function requireNamed(pool: Pool, teamId: string, ref: ExtensionSpec['dataset']) {
  const dataset = await readNamed(pool, teamId, ref);
  if (dataset) return dataset;
  throw new CrosscheckError('DATASET_UNKNOWN', `there is no dataset ${JSON.stringify(ref)}`, {
    field: 'dataset',
    got: ref,
  });
}

async function* pagesOf(prompts: readonly Prompt[]): AsyncGenerator<Prompt[]> {
  for (let from = 0; from < prompts.length; from += PAGE) yield prompts.slice(from, from + PAGE);
}

async function* pagesOfDataset(pool: Pool, id: string): AsyncGenerator<Prompt[]> {
  for (let from = 0; ; from += PAGE) {
    const page = await readPrompts(pool, id, { from, limit: PAGE });
    if (page.length > 0) yield page;
    if (page.length < PAGE) return;
  }
}

async function* leaveOutKnown(pool: Pool, sweep: SweepRow, pages: AsyncGenerator<Prompt[]>): AsyncGenerator<Prompt> {
  for await (const page of pages) {
    const ids = page.map(({ id }) => id);
    const known = new Map((await readPromptsById(pool, sweep.datasetId ?? '', ids)).map((one) => [one.id, one]));
    for (const prompt of page) {
      const same = known.get(prompt.id);
      if (!same) yield prompt;
      else if (canonicalJson(same) !== canonicalJson(prompt)) throw changedPrompt(prompt.id);
    }
  }
}

function changedPrompt(id: string): CrosscheckError {
  return new CrosscheckError('ID_DUPLICATE', `the sweep has a prompt "${id}" with another text`, {
    field: 'prompts',
    got: id,
    expected: 'an id that the sweep does not have, or the same prompt',
  });
}

function requireUniqueIds(prompts: readonly Prompt[]): void {
  const seen = new Set<string>();
  for (const [index, { id }] of prompts.entries()) {
    if (seen.has(id))
      throw new CrosscheckError('ID_DUPLICATE', `"${id}" is used twice.`, { field: `prompts[${index}].id`, got: id });
    seen.add(id);
  }
}
