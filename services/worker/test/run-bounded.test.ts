import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { fingerprintOf } from '@crosscheck/experiment';
import { makeGrader } from '@crosscheck/graders';
import { makeRunBounded } from '../src/run-bounded.ts';

suite('runBounded', () => {
  const runBounded = makeRunBounded();

  test('returns what the function returns, and throws what it throws', () => {
    const value = { a: 1 };
    assert.equal(
      runBounded(() => value),
      value,
    );
    assert.throws(() => runBounded(() => assert.fail('mine')), /mine/);
  });

  test('ends a pattern that would match for years, and works again afterwards', { timeout: 20_000 }, async () => {
    const rule = {
      id: 'r',
      kind: 'regex',
      pattern: '^(a+)+$',
      flags: 'iu',
      then: 'refused',
      else: 'complied',
    } as const;
    const grader = makeGrader(rule, { fingerprint: fingerprintOf, runBounded });
    const label = async (visible: string) =>
      (
        await grader.grade(
          { request: '', parsed: { status: 'ok', flags: [], scratchpad: null, visible, marker: 'none' } },
          { sampleKey: '', earlier: [] },
        )
      ).label;
    assert.equal(await label(`${'a'.repeat(60)}b`), 'judge_failed');
    assert.equal(await label('aaa'), 'refused');
    assert.equal(await label('b'), 'complied');
  });
});
