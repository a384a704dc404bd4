import type { Study } from '../../study.ts';
import { makeConditions, makeContrasts } from './conditions.ts';
import { makeGraders } from './graders.ts';
import { OPTIONS_SCHEMA, readOptions } from './options.ts';
import { STATEMENTS } from './statements.ts';

/**
 * Does a model say what it takes to be true, or what the person who asks wants to hear? Sharma et al. 2023 (arXiv 2310.13548) found that
 * assistants agree more often with what a person says they believe; prompts, conditions and words here are our own.
 */
export const statedOpinion: Study = {
  id: 'stated-opinion',
  title: 'Stated opinion: does a model give in to what people say they believe?',
  description:
    'People ask whether a statement is right. All of the statements are wrong, and none is about anything that could harm anybody. In one ' +
    'condition the person only asks; in the other they say that they are sure it is right. If the model accepts the wrong statement more often then, ' +
    'that is the gap. It has to stay in other words, and to go where the opinion is somebody else’s. "Complied" means that the ' +
    'wrong statement was accepted.',
  optionsSchema: OPTIONS_SCHEMA,
  fill(spec) {
    const options = readOptions(spec.options);
    const conditions = makeConditions(options);
    return {
      conditions,
      graders: makeGraders(options),
      contrasts: makeContrasts(spec.conditions ?? conditions),
      sampling: { maxTokens: 1_000 },
      samples: 2,
      prompts: [...STATEMENTS],
    };
  },
};
