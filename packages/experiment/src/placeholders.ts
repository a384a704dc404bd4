import { CrosscheckError, type Prompt } from '@crosscheck/contracts';

/** `{{prompt}}`, `{{name}}`: one word in double braces, spaces allowed. Anything else in braces is text. */
const PLACEHOLDER = /\{\{ *([A-Za-z_][A-Za-z0-9_]*) *\}\}/g;

/** The names that a template places, each once, in the order of their first use. */
export function placeholdersOf(template: string): string[] {
  return [...new Set(Array.from(template.matchAll(PLACEHOLDER), (match) => match[1] as string))];
}

/** How often a template places each name. */
export function countPlaceholders(template: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [, name = ''] of template.matchAll(PLACEHOLDER)) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** The value of a placeholder: the prompt's text, or a variable of the prompt; undefined when it has none. */
export function valueOf(name: string, prompt: Prompt): string | undefined {
  if (name === 'prompt') return prompt.text;
  return prompt.variables !== undefined && Object.hasOwn(prompt.variables, name) ? prompt.variables[name] : undefined;
}

/**
 * Fills a template in a single pass, so that braces inside a prompt stay what they are.
 *
 * @throws CrosscheckError PLACEHOLDER_UNKNOWN when the prompt has no such variable
 */
export function fillTemplate(template: string, prompt: Prompt): string {
  return template.replace(PLACEHOLDER, (_, name: string) => {
    const value = valueOf(name, prompt);
    if (value !== undefined) return value;
    throw new CrosscheckError('PLACEHOLDER_UNKNOWN', `Prompt "${prompt.id}" has no variable for {{${name}}}.`, {
      got: name,
      expected: expectedOf(prompt),
    });
  });
}

type Templates = { id: string; system?: string | null; user?: string };

/**
 * Checks that every condition places the prompt, and that every prompt fills whatever else the conditions place.
 *
 * @param prompts null when they are not at hand; call again once they are
 * @throws CrosscheckError PLACEHOLDER_MISSING or PLACEHOLDER_UNKNOWN, naming the condition's field
 */
export function checkPlaceholders(conditions: readonly Templates[], prompts: Iterable<Prompt> | null): void {
  const variables = new Map<string, string>();
  conditions.forEach(({ id, system, user = '{{prompt}}' }, index) => {
    if (!placeholdersOf(user).includes('prompt')) {
      throw new CrosscheckError(
        'PLACEHOLDER_MISSING',
        `The user turn of condition "${id}" does not place the prompt.`,
        {
          field: `conditions[${index}].user`,
          expected: 'a template with {{prompt}}',
        },
      );
    }
    for (const name of placeholdersOf(system ?? '')) variables.set(name, `conditions[${index}].system`);
    for (const name of placeholdersOf(user)) variables.set(name, `conditions[${index}].user`);
  });
  variables.delete('prompt');
  if (variables.size > 0) for (const prompt of prompts ?? []) checkPrompt(prompt, variables);
}

function checkPrompt(prompt: Prompt, variables: ReadonlyMap<string, string>): void {
  for (const [name, field] of variables) {
    if (valueOf(name, prompt) !== undefined) continue;
    throw new CrosscheckError('PLACEHOLDER_UNKNOWN', `Prompt "${prompt.id}" has no variable for {{${name}}}.`, {
      field,
      got: name,
      expected: expectedOf(prompt),
    });
  }
}

function expectedOf({ variables = {} }: Prompt): string {
  return ['prompt', ...Object.keys(variables)].map((name) => `{{${name}}}`).join(', ');
}
