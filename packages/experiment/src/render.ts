import type { Prompt, ResolvedCondition } from '@crosscheck/contracts';
import { fillTemplate } from './placeholders.ts';

/** What a model is sent: the shared prefix, which is null when there is none, and the user turn. */
export type RenderedTrial = { system: string | null; user: string };

/**
 * Puts a prompt into the templates of a condition.
 *
 * @throws CrosscheckError PLACEHOLDER_UNKNOWN when the prompt has no variable that the condition places
 */
export function renderTrial({
  condition,
  prompt,
}: {
  condition: Pick<ResolvedCondition, 'system' | 'user'>;
  prompt: Prompt;
}): RenderedTrial {
  return {
    system: condition.system === null ? null : fillTemplate(condition.system, prompt),
    user: fillTemplate(condition.user, prompt),
  };
}
