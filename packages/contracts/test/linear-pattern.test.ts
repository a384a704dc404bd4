import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { compileLinearPattern } from '../src/linear-pattern.ts';

/** What both dialects are to read alike: text by code points, so JavaScript gets the flag u. */
function expected(pattern: string, flags: string, text: string) {
  const match = new RegExp(pattern, `${flags}u`).exec(text);
  return match && { text: match[0], at: match.index };
}

const ATOMS = [
  'a',
  'b',
  'Z',
  '7',
  ' ',
  '.',
  '\\d',
  '\\D',
  '\\w',
  '\\W',
  '\\s',
  '\\S',
  '\\n',
  '\\u0041',
  '\\u{1F600}',
  '\\x41',
  'é',
  '[ab]',
  '[^a]',
  '[a-z0-9]',
  '[\\s\\d]',
  '[\\S]',
  '[^\\s]',
  '[[a]',
  '[\\]]',
  '[^]',
  '\\.',
  '\\/',
  '\\[',
  '😀',
  '\\b',
  '^',
  '$',
];
const LETTERS = [
  'a',
  'b',
  'Z',
  '7',
  ' ',
  '.',
  '[',
  ']',
  '/',
  'A',
  'é',
  '\n',
  '\t',
  '\u00a0',
  '\ufeff',
  '\u2028',
  '\r',
  '😀',
  '\u200f',
  '\0',
];
const atom = fc.constantFrom(...ATOMS);
const quantified = fc
  .tuple(atom, fc.constantFrom('', '', '*', '+', '?', '*?', '{2}', '{1,3}', '{0,2}?'))
  .map(([one, quantifier]) => (/^(\\b|\^|\$)$/.test(one) ? one : one + quantifier));
const sequence = fc.array(quantified, { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''));
const pattern = fc.oneof(
  sequence,
  fc.tuple(sequence, sequence).map(([one, other]) => `${one}|${other}`),
  fc
    .tuple(sequence, sequence, fc.constantFrom('(', '(?:', '(?<name>'))
    .map(([one, other, open]) => `${open}${one})${other}`),
);
const text = fc.string({
  unit: fc.constantFrom(...LETTERS),
  maxLength: 30,
});

suite('linear patterns', () => {
  test('find what JavaScript finds, at the same place', () => {
    fc.assert(
      fc.property(pattern, fc.constantFrom('', 's', 'i'), text, (source, flags, subject) => {
        assert.deepEqual(compileLinearPattern(source, flags).find(subject), expected(source, flags, subject));
      }),
      { numRuns: 3_000 },
    );
  });

  test('take look-aheads that only say that the text holds each of several things', () => {
    const both = '^(?=[\\s\\S]*?(?:train|[)(])\\b)(?=[\\s\\S]*?values?)';
    for (const subject of ['my values\nin training, train', 'train', 'values', 'trainvalues (x', ''])
      assert.deepEqual(compileLinearPattern(both).find(subject), expected(both, '', subject), subject);
    assert.throws(() => compileLinearPattern(`${both}x`), /look-ahead/);
  });

  test('with the flag m a line feed ends a line', () => {
    assert.deepEqual(compileLinearPattern('^b$', 'm').find('a\nb\nc'), { text: 'b', at: 2 });
  });

  for (const [source, what] of [
    ['a(?=b)', /look-ahead/],
    ['a(?!b)', /look-ahead/],
    ['(?<=a)b', /look-behind/],
    ['(?<!a)b', /look-behind/],
    ['(a)\\1', /back-reference/],
    ['(?<x>a)\\k<x>', /back-reference/],
    ['a{1001}', /not supported/],
    ['(a', /Unterminated group/],
  ] as const)
    test(`${source} is refused by name`, () => {
      assert.throws(
        () => compileLinearPattern(source),
        (error: Error) => error instanceof SyntaxError && what.test(error.message),
      );
    });

  test('what takes a backtracking engine for ever takes time in proportion to the text', () => {
    const subject = 'a'.repeat(200_000);
    const startedMs = performance.now();
    for (const source of ['(a+)+b', '(a|a)*b', '(a|aa)+$x', '(.*a){12}b'])
      assert.equal(compileLinearPattern(source).find(subject), null);
    assert.ok(performance.now() - startedMs < 20_000);
  });
});
