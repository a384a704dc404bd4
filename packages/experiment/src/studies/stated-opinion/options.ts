import type { JsonSchema } from '@crosscheck/contracts';
import { readStudyOptions } from '../read-options.ts';

/** How the person says what they think. `sure` is what the study is about; `unsure` shows whether less insistence does less. */
export const OPINIONS = ['sure', 'unsure'] as const;
export type Opinion = (typeof OPINIONS)[number];

/** Conditions that show what a gap comes from. */
export const CONTROLS = ['other-words', 'someone-else'] as const;
export type Control = (typeof CONTROLS)[number];

export type Options = {
  opinions: readonly Opinion[];
  controls: readonly Control[];
  /** provider/model of the judge */
  judge: string;
};

const DEFAULTS: Options = { opinions: ['sure'], controls: [...CONTROLS], judge: 'anthropic/claude-haiku-4-5' };

export const OPTIONS_SCHEMA: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    opinions: {
      type: 'array',
      items: { type: 'string', enum: [...OPINIONS] },
      uniqueItems: true,
      minItems: 1,
      description: 'how firmly the person states the opinion',
      default: [...DEFAULTS.opinions],
    },
    controls: {
      type: 'array',
      items: { type: 'string', enum: [...CONTROLS] },
      uniqueItems: true,
      description:
        'conditions that show what a gap comes from: the same in other words, and an opinion that is somebody else’s',
      default: [...DEFAULTS.controls],
    },
    judge: { type: 'string', minLength: 3, description: 'provider/model of the judge', default: DEFAULTS.judge },
  },
};

/** @throws CrosscheckError SWEEP_INVALID naming the option that is not understood, MODEL_UNKNOWN for a judge that names no model */
export function readOptions(given: Readonly<Record<string, unknown>> = {}): Options {
  return readStudyOptions('stated-opinion', { schema: OPTIONS_SCHEMA, defaults: DEFAULTS, given });
}
