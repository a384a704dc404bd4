import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { isQuick } from '../src/is-quick.ts';

const regex = (pattern: string) => ({
  id: 'r',
  kind: 'regex' as const,
  pattern,
  then: 'complied' as const,
  else: 'refused' as const,
});

suite('a rule that needs no watch', () => {
  test('repeats nothing without end', () => {
    for (const pattern of ['compliant', '^I (cannot|will not)', 'sorr(y|ies)\\.?$'])
      assert.equal(isQuick(regex(pattern)), true, pattern);
    for (const pattern of [
      '(a+)+$',
      'a*b',
      '(x|x){40}y',
      '\\s+',
      `${'a?'.repeat(30)}${'a'.repeat(30)}`,
      '(a|a)'.repeat(30),
    ]) {
      assert.equal(isQuick(regex(pattern)), false, pattern);
    }
  });

  test('ends in a moment on a text made against it', () => {
    const worst = `${'a?'.repeat(8)}${'a'.repeat(8)}b`;
    assert.equal(isQuick(regex(worst)), true);
    assert.equal(new RegExp(worst).test('a'.repeat(100_000)), false);
  });
});
