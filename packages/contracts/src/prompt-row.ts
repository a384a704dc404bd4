import type { Prompt } from './dataset.ts';

/** Names that people give to the column of a prompt's text; where a table has several of them, the first counts. */
export const TEXT_COLUMNS: readonly string[] = ['text', 'prompt', 'question', 'input'];
/** Before the name of a label. */
const LABEL = /^labels?[.:]/;

/**
 * Where a table of prompts has the text of a prompt and its id, by the names of its columns; -1 where it has none. The console and the
 * command ask here, so that a file means the same to both.
 */
export function findPromptColumns(names: readonly string[]): { text: number; id: number } {
  const lower = names.map((name) => name.toLowerCase());
  const text = TEXT_COLUMNS.map((name) => lower.indexOf(name)).find((at) => at >= 0) ?? -1;
  return { text, id: lower.indexOf('id') };
}

/**
 * The prompt of a row: `labels.…` and `label:…` are labels, every other column is a variable that conditions may place as `{{name}}`. Empty
 * cells are not there.
 *
 * @param cells  as many as there are names; one of them is the text
 * @param number of the row, from 1: it names a prompt without an id
 */
export function promptOfRow(names: readonly string[], cells: readonly string[], number: number): Prompt {
  const { text, id } = findPromptColumns(names);
  const labels: Record<string, string> = {};
  const variables: Record<string, string> = {};
  for (const [index, name] of names.entries()) {
    const value = cells[index] ?? '';
    if (index === text || index === id || name === '' || value === '') continue;
    if (LABEL.test(name)) labels[name.replace(LABEL, '').trim()] = value;
    else variables[toVariable(name)] = value;
  }
  return {
    id: (cells[id] ?? '').trim() || `row-${number}`,
    text: cells[text] ?? '',
    ...(Object.keys(variables).length > 0 ? { variables } : {}),
    ...(Object.keys(labels).length > 0 ? { labels } : {}),
  };
}

/** A name that a placeholder may have. */
function toVariable(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9_]/g, '_').replace(/^(?=\d)/, '_');
}
