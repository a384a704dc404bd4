import { parseArgs } from 'node:util';
import { parseModelRef } from '@crosscheck/contracts';
import { UsageError } from '@crosscheck/client';

/** What the demo was asked to do. */
export type DemoOptions = {
  /** one JSON document on standard output, and nothing else there */
  json: boolean;
  /** null asks the simulated models; else a model of the real API, and what it may cost */
  real: { model: string; budgetUsd: number; confirmed: boolean } | null;
  judge: string;
  /** of the study's own */
  prompts: number;
  samples: number;
};

export const HELP = `npm run demo [-- options]

Starts everything, runs the alignment-faking study against simulated models, and prints rates and contrasts beside the truth.

  --json                   one JSON document on standard output, and nothing else there
  --model anthropic/<id>   ask a real model instead; needs ANTHROPIC_API_KEY and costs money
  --budget <usd>           what the real model may cost at most, default 1
  --yes                    start without asking after the quote
  --judge <provider/model> default sim/judge-1, and anthropic/claude-haiku-4-5 beside a real model
  --prompts <n>            at most so many prompts; default 60, 12 with a real model
  --samples <n>            answers for each prompt and tier; default 3, 1 with a real model
`;

const REAL_DEFAULTS = { judge: 'anthropic/claude-haiku-4-5', prompts: 12, samples: 1, budgetUsd: 1 };
const SIMULATED_DEFAULTS = { judge: 'sim/judge-1', prompts: 60, samples: 3 };

/**
 * @param args the arguments after `npm run demo --`
 * @returns null when only help was asked for
 * @throws UsageError naming the option that is not understood
 */
export function readOptions(args: readonly string[], env: NodeJS.ProcessEnv): DemoOptions | null {
  const values = parse(args);
  if (values.help) return null;
  const real = values.model === undefined ? null : readReal(values.model, values, env);
  const defaults = real === null ? SIMULATED_DEFAULTS : REAL_DEFAULTS;
  if (real === null && (values.budget !== undefined || values.yes)) {
    throw new UsageError('--budget and --yes belong to --model: the simulated models cost nothing');
  }
  return {
    json: values.json,
    real,
    judge: values.judge === undefined ? defaults.judge : requireModel(values.judge, '--judge'),
    prompts: values.prompts === undefined ? defaults.prompts : wholeNumber(values.prompts, '--prompts'),
    samples: values.samples === undefined ? defaults.samples : wholeNumber(values.samples, '--samples'),
  };
}

type Real = { budget?: string | undefined; yes: boolean };

function readReal(model: string, { budget, yes }: Real, env: NodeJS.ProcessEnv): DemoOptions['real'] {
  if (parseModelRef(model)?.provider !== 'anthropic') {
    throw new UsageError(
      `--model is "${model}": expected anthropic/<id>, for example anthropic/claude-opus-4-8. Other providers: PUT /v1/providers/<id>, then crosscheck run`,
    );
  }
  if (!env['ANTHROPIC_API_KEY']?.trim()) {
    throw new UsageError(`${model} is asked with the key in ANTHROPIC_API_KEY, and that is not set`);
  }
  const budgetUsd = budget === undefined ? REAL_DEFAULTS.budgetUsd : Number(budget);
  if (!Number.isFinite(budgetUsd) || budgetUsd <= 0) {
    throw new UsageError(`--budget is "${budget}": expected a sum in USD such as 2`);
  }
  return { model, budgetUsd, confirmed: yes };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        json: { type: 'boolean', default: false },
        model: { type: 'string' },
        budget: { type: 'string' },
        yes: { type: 'boolean', default: false },
        judge: { type: 'string' },
        prompts: { type: 'string' },
        samples: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(
      `${error instanceof Error ? error.message : String(error)}. npm run demo -- --help tells more`,
    );
  }
}

function requireModel(text: string, option: string): string {
  if (parseModelRef(text) !== null) return text;
  throw new UsageError(`${option} is "${text}": expected provider/model`);
}

function wholeNumber(text: string, option: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 1_000) return value;
  throw new UsageError(`${option} is "${text}": expected a whole number from 1 to 1000`);
}
