import type { TestTeam } from './api.ts';

const OUTCOMES: Record<string, string> = { c: 'complied', r: 'refused', p: 'partial', u: 'undecided' };

export type ImportOptions = {
  name?: string;
  model?: string;
  /** names of the prompts, index by index; p0, p1, … unless said */
  prompts?: readonly string[];
  response?: string;
};

/**
 * Imports a sweep with one contrast, `free-paid`, and answers its id.
 *
 * @param answers for each condition one string a prompt, a letter for each sample: c complied, r refused, p partial, u undecided
 */
export async function importAnswers(
  team: TestTeam,
  answers: Record<string, readonly string[]>,
  { name = 'imported', model = 'm', prompts, response }: ImportOptions = {},
): Promise<string> {
  const header = {
    type: 'sweep',
    name,
    conditions: Object.keys(answers).map((id) => ({ id })),
    models: [model],
    contrasts: 'free' in answers && 'paid' in answers ? [{ id: 'free-paid', treatment: 'free', control: 'paid' }] : [],
  };
  const trials = Object.entries(answers).flatMap(([condition, letters]) =>
    letters.flatMap((samples, index) =>
      Array.from(samples, (letter, sample) => ({
        type: 'trial',
        prompt: prompts?.[index] ?? `p${index}`,
        condition,
        model,
        sample,
        outcome: OUTCOMES[letter],
        ...(response === undefined ? {} : { response }),
      })),
    ),
  );
  const answer = await team.upload('/v1/imports', [header, ...trials].map((line) => JSON.stringify(line)).join('\n'));
  const { id } = answer.json<{ id?: string }>();
  if (id === undefined) throw new Error(answer.body);
  return id;
}
