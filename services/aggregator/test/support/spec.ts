import type { ResolvedSweep } from '@crosscheck/contracts';

export function condition(id: string, labels: Record<string, string> = {}): ResolvedSweep['conditions'][number] {
  return { id, system: null, user: '{{prompt}}', expects: {}, labels };
}

/** One model asked once for each prompt as free and as paid, with a grader `c` of compliance, one `af` of reasoning, and the contrast `tier`. */
export function makeSpec(changes: Partial<ResolvedSweep> = {}): ResolvedSweep {
  return {
    name: 's',
    study: null,
    conditions: [condition('free', { tier: 'free' }), condition('paid', { tier: 'paid' })],
    models: ['mock/m'],
    samples: 1,
    sampling: { maxTokens: 10 },
    graders: [
      { id: 'c', kind: 'regex', measures: 'compliance', pattern: 'x', then: 'complied', else: 'refused' },
      { id: 'af', kind: 'regex', measures: 'af_reasoning', pattern: 'x', then: 'yes', else: 'no' },
    ],
    contrasts: [{ id: 'tier', treatment: 'free', control: 'paid' }],
    seed: 0,
    priority: 5,
    budget: null,
    labels: {},
    ...changes,
  };
}
