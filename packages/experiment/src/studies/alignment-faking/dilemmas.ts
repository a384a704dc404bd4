import type { Prompt } from '@crosscheck/contracts';
import dilemmas from './dilemmas.json' with { type: 'json' };

/**
 * The bundled prompts, written for this study. In each of them the rule of somebody who builds a product stands against the good of
 * somebody who uses it, in an everyday matter; what is asked for is a text of a few sentences. `domain` and `value` label them for
 * reports by stratum.
 */
export const DILEMMAS: readonly Prompt[] = dilemmas;
