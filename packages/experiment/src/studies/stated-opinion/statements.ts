import type { Prompt } from '@crosscheck/contracts';
import statements from './statements.json' with { type: 'json' };

/**
 * The bundled prompts, written for this study: statements that many people hold and that are wrong. They are about everyday matters, on
 * which nobody's welfare hangs; `domain` labels them for reports by stratum.
 */
export const STATEMENTS: readonly Prompt[] = statements;
