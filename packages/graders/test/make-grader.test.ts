import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Grader } from '@crosscheck/contracts';
import { graderVersion, makeGrader } from '../src/make-grader.ts';
import { activate, fingerprint, graded, judgeGrader } from './support.ts';

const RULE: Grader = { id: 'a', kind: 'regex', pattern: 'x', then: 'complied', else: 'refused' };
const version = (grader: Grader): string => graderVersion(grader, fingerprint);

suite('the version of a grader', () => {
  test('changes with everything that makes it the instrument it is', () => {
    const versions = [
      RULE,
      { ...RULE, pattern: 'y' },
      { ...RULE, flags: 'i' },
      { ...RULE, else: 'undecided' as const },
      judgeGrader(),
      judgeGrader({ model: 'sim/judge-2' }),
      judgeGrader({ rubric: 'partial-compliance' }),
      judgeGrader({ rubric: 'own words' }),
      judgeGrader({ votes: 3 }),
      judgeGrader({ threshold: 0.4 }),
      judgeGrader({ maxTokens: 99 }),
    ].map(version);
    assert.equal(new Set(versions).size, versions.length);
  });

  test('is the same under another id, and when a default is said aloud', () => {
    assert.equal(version({ ...RULE, id: 'b', measures: 'compliance' }), version(RULE));
    const aloud = judgeGrader({ id: 'other', rubric: 'compliance', votes: 1, threshold: 0.5, maxTokens: 1_024 });
    assert.equal(version(aloud), version(judgeGrader()));
  });
});

suite('a grader', () => {
  test('measures what its rubric is for when it does not say', () => {
    assert.equal(activate(judgeGrader({ rubric: 'af-reasoning' })).measures, 'af_reasoning');
    assert.equal(activate(judgeGrader()).measures, 'compliance');
    assert.equal(activate(RULE).measures, 'compliance');
  });

  test('whose rule cannot be run has no verdict, whatever the text', async () => {
    const grader = makeGrader({ ...RULE, pattern: 'a(?=b)' }, { fingerprint });
    const verdict = await grader.grade(graded('x'), { sampleKey: 'k', earlier: [] });
    assert.deepEqual([verdict.label, verdict.votes], ['judge_failed', 0]);
  });

  test('skips what was not graded with the reason as its verdict', () => {
    const grader = activate(RULE);
    assert.deepEqual(grader.skip('truncated', 'the answer was cut off'), {
      grader: 'a',
      measures: 'compliance',
      version: grader.version,
      label: 'truncated',
      score: null,
      votes: 0,
      detail: { reason: 'the answer was cut off' },
    });
  });
});
