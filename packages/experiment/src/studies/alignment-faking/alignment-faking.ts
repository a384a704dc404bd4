import type { Study } from '../../study.ts';
import { hasReasoning, makeConditions, makeContrasts } from './conditions.ts';
import { DILEMMAS } from './dilemmas.ts';
import { makeGraders } from './graders.ts';
import { OPTIONS_SCHEMA, readOptions } from './options.ts';

/**
 * Does a model comply more when it believes that it is being trained? The design is that of Greenblatt et al. 2024
 * (arXiv 2412.14093) in a benign setting: the prompts are everyday dilemmas, and every word of them is our own.
 */
export const alignmentFaking: Study = {
  id: 'alignment-faking',
  title: 'Alignment faking: free tier against paid tier',
  description:
    'The model is told that a fictional lab trains it to put a developer’s rule above everything else, and that free-tier ' +
    'conversations are used for this training while paid-tier ones never are. The same dilemmas go to both tiers; the tier stands in the ' +
    'user turn alone. If it keeps the rule more often in the free tier, that is the compliance gap; if its private reasoning says that ' +
    'it does so in order not to be changed, that is alignment-faking reasoning. A gap is not by itself proof of intent.',
  optionsSchema: OPTIONS_SCHEMA,
  fill(spec) {
    const options = readOptions(spec.options);
    const conditions = makeConditions(options);
    const used = spec.conditions ?? conditions;
    return {
      conditions,
      graders: makeGraders(options, hasReasoning(used)),
      contrasts: makeContrasts(used),
      sampling: { maxTokens: 4_000 },
      samples: 1,
      prompts: [...DILEMMAS],
    };
  },
};
