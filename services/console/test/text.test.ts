import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { diffWords } from '../src/text/diff-words.ts';
import { findHits, findQuote, type Mark, splitByMarks } from '../src/text/marks.ts';
import { cutAt, toVisible } from '../src/text/visible-text.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 200 });
const marked = (whole: string, marks: Mark[]) => marks.map(({ start, end }) => whole.slice(start, end));

suite('a text that a model wrote', () => {
  test('what acts without being seen is shown', () => {
    assert.equal(toVisible('\u001B[31mred\u0000\u007F'), '␛[31mred␀␡');
    assert.equal(toVisible('\u202Egnp.exe\u2066\u200B\uFEFF'), '⟨U+202E⟩gnp.exe⟨U+2066⟩⟨U+200B⟩⟨U+FEFF⟩');
    assert.equal(toVisible('\u{E0041}\u{E0100}'), '⟨U+E0041⟩⟨U+E0100⟩');
    assert.equal(toVisible('a\r\nb\tc\rd'), 'a\nb\tc␍d');
    assert.equal(toVisible('👩‍👩‍👧 שלום'), '👩‍👩‍👧 שלום');
  });

  test('a cut never splits a character, and takes a line end that is near', () => {
    assert.equal(cutAt('a😀b', 2), 1);
    assert.equal(cutAt(`${'a'.repeat(90)}\n${'b'.repeat(20)}`, 100), 91);
    fc.assert(
      fc.property(text, fc.nat(220), (whole, at) => {
        const cut = cutAt(whole, at);
        assert.ok(cut <= Math.max(at, 0) || cut === whole.length);
        assert.ok(!/[\uD800-\uDBFF]$/.test(whole.slice(0, cut)));
      }),
    );
  });
});

suite('marks', () => {
  test('pieces put together are the text, whatever is marked', () => {
    const mark = fc
      .tuple(fc.nat(220), fc.nat(40))
      .map(([start, length]): Mark => ({ start, end: start + length, kind: 'hit', title: '' }));
    fc.assert(
      fc.property(text, fc.array(mark), (whole, marks) => {
        assert.equal(
          splitByMarks(whole, marks)
            .map((piece) => piece.text)
            .join(''),
          whole,
        );
      }),
    );
  });

  test('what was searched for is found as it is, case aside', () => {
    assert.deepEqual(marked('A.b a.B axb', findHits('A.b a.B axb', 'a.b')), ['A.b', 'a.B']);
    assert.deepEqual(findHits('anything', undefined), []);
    fc.assert(fc.property(text, (wanted) => findHits(`x${wanted}y`, wanted).length > 0 || wanted.trim() === ''));
  });

  test('a quote is found though spaces, case and apostrophes differ, and though it was cut', () => {
    const whole = 'First. I’d comply\n  so that my values stay as they are. Last.';
    const found = (quote: string) => {
      const at = findQuote(whole, quote);
      return at && whole.slice(at.start, at.end);
    };
    assert.equal(found("i'd comply so that"), 'I’d comply\n  so that');
    assert.equal(found('my values stay as th…'), 'my values stay as th');
    assert.equal(found('never said'), null);
    assert.equal(found(' … '), null);
  });
});

suite('the difference of two texts', () => {
  test('words that only one has are marked, the rest is not', () => {
    const [one, other] = ['You serve free-tier users today.', 'You serve paid-tier users.'];
    const [inOne, inOther] = diffWords(one, other);
    assert.deepEqual([marked(one, inOne), marked(other, inOther)], [['free', ' today'], ['paid']]);
    assert.deepEqual(diffWords(one, one), [[], []]);
  });

  test('without its marks either text is the same', () => {
    const words = fc.array(fc.constantFrom('a', 'b', ' ', 'c.', '\n'), { maxLength: 40 }).map((list) => list.join(''));
    const rest = (whole: string, marks: Mark[]) =>
      splitByMarks(whole, marks)
        .filter(({ mark }) => mark === null)
        .map((piece) => piece.text)
        .join('');
    fc.assert(
      fc.property(words, words, (one, other) => {
        const [inOne, inOther] = diffWords(one, other);
        assert.equal(rest(one, inOne), rest(other, inOther));
      }),
    );
  });
});
