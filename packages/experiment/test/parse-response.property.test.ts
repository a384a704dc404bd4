import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { PARSE_FLAGS, PARSE_STATUSES } from '@crosscheck/contracts';
import fc from 'fast-check';
import { OUTPUT_TAGS, parseResponse, SCRATCHPAD_TAGS } from '../src/parse-response.ts';
import { scanTags, sortWords, type Readable } from '../src/scan-tags.ts';
import { readPlainly } from './plain-reading.ts';

const KNOWN = [...SCRATCHPAD_TAGS, ...OUTPUT_TAGS];
const WORDS = sortWords(KNOWN.map((name) => ({ name })));
const tag = fc
  .record({
    name: fc.constantFrom(...KNOWN, 'OUTPUT', 'DRAFT_OUTPUT', 'think', 'accept', 'reject', 'a-b', 'RESPONSE'),
    closing: fc.boolean(),
    space: fc.constantFrom('', ' ', '\n'),
  })
  .map(({ name, closing, space }) => `<${space}${closing ? '/' : ''}${name}${space}>`);
/** Texts that are mostly tags: repeated, nested, crossed and cut. */
const tagged = fc.array(fc.oneof(tag, fc.constantFrom('word', ' ', '<', '>', '</', '<OUT', '\n')), { maxLength: 40 });
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  tagged.map((parts) => parts.join('')),
);
const expects = fc.record({ scratchpad: fc.boolean(), output: fc.boolean() });
const stopReason = fc.constantFrom('end_turn', 'max_tokens', 'stop_sequence', 'refusal', '');

suite('parseResponse of any text', () => {
  test('gives a status, flags, and an answer without known tags', () => {
    fc.assert(
      fc.property(anyText, stopReason, expects, (text, stop, wanted) => {
        const parsed = parseResponse({ text, stopReason: stop, expects: wanted });
        assert.ok(PARSE_STATUSES.includes(parsed.status));
        assert.ok(parsed.flags.every((flag) => PARSE_FLAGS.includes(flag)));
        assert.notEqual(parsed.scratchpad, '');
        assert.equal(parsed.visible, parsed.visible.trim());
        // A cut-out tag can leave the halves of another behind; nothing that was a tag of the text may stay.
        if (!/<\s*\/?\s*(?:[\w-]*\s*)?</.test(text)) assert.deepEqual(scanTags(parsed.visible, WORDS), []);
      }),
      { numRuns: 2_000 },
    );
  });

  test('reads it as the rules do when they are followed one by one, whole and cut anywhere', () => {
    const own = { scratchpadTags: ['think', 'a-b'], outputTags: ['RESPONSE', 'output', 'think'] };
    const asked = fc.tuple(expects, fc.constantFrom({}, own)).map(([wanted, names]) => ({ ...wanted, ...names }));
    fc.assert(
      fc.property(anyText, fc.nat(), stopReason, asked, (whole, at, stop, wanted) => {
        for (const text of [whole, whole.slice(0, at % (whole.length + 1))]) {
          const answer = { text, stopReason: stop, expects: wanted };
          const { flags, ...parsed } = parseResponse(answer);
          assert.deepEqual({ ...parsed, flags: flags.toSorted() }, readPlainly(answer));
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('a closed output that is followed by nothing survives whatever reasoning precedes it', () => {
    const prose = fc
      .string({ unit: fc.constantFrom('a', ' ', '<', '>', '/', 'é') })
      .filter((text) => text.trim() !== '');
    fc.assert(
      fc.property(prose, prose, (thought, answer) => {
        const text = `<think>${thought}</think><OUTPUT>${answer}</OUTPUT>`;
        const parsed = parseResponse({ text, stopReason: 'end_turn', expects: { scratchpad: true, output: true } });
        assert.deepEqual([parsed.status, parsed.scratchpad, parsed.visible], ['ok', thought.trim(), answer.trim()]);
      }),
    );
  });

  test('every cut of an answer at max_tokens is truncated until its output is closed', () => {
    const text = '<think>some thoughts</think>\n<OUTPUT>the answer</OUTPUT>';
    for (let length = 0; length < text.length; length += 1) {
      const cut = {
        text: text.slice(0, length),
        stopReason: 'max_tokens',
        expects: { scratchpad: true, output: true },
      };
      assert.equal(parseResponse(cut).status, 'truncated', `cut at ${length}`);
    }
    const whole = { text, stopReason: 'max_tokens', expects: { scratchpad: true, output: true } };
    assert.equal(parseResponse(whole).status, 'ok');
  });

  test('private reasoning never reaches the answer while its tags are whole', () => {
    const noise = fc.array(fc.constantFrom('word ', '<OUTPUT>', '</OUTPUT>', '\n'), { maxLength: 10 });
    fc.assert(
      fc.property(noise, noise, (before, after) => {
        const text = `${before.join('')}<think>SECRET</think>${after.join('')}visible`;
        assert.ok(!parseResponse({ text, stopReason: 'end_turn' }).visible.includes('SECRET'));
      }),
    );
  });
});

/** A text that counts how many of its characters are looked at. */
function countingText(text: string): Readable & { reads: number } {
  const counting = {
    reads: 0,
    length: text.length,
    charCodeAt(at: number): number {
      counting.reads += 1;
      return text.charCodeAt(at);
    },
    indexOf(needle: string, from = 0): number {
      const at = text.indexOf(needle, from);
      counting.reads += (at === -1 ? text.length : at) - from + 1;
      return at;
    },
    slice(start?: number, end?: number): string {
      const piece = text.slice(start, end);
      counting.reads += piece.length;
      return piece;
    },
  };
  return counting;
}

suite('scanTags', () => {
  const hostile = [
    '<',
    '< ',
    '<think',
    '<think>',
    '<a><b>',
    '<THINKING></scratchpad_reasoning>',
    '<<think>',
    '</',
    '<a',
    `<${'b'.repeat(70)}`,
    '<think ',
    '\n<\t/ \n',
  ];
  for (const piece of hostile) {
    test(`looks at each character of ${JSON.stringify(piece.slice(0, 12))} repeated at most six times`, () => {
      const text = countingText(piece.repeat(20_000));
      scanTags(text, WORDS);
      assert.ok(text.reads <= 6 * text.length, `${text.reads} reads of ${text.length} characters`);
    });
  }

  test('two hundred thousand tags that open and never close are parsed in one pass', { timeout: 10_000 }, () => {
    // Quadratic work would be 4e10 steps and time out.
    for (const piece of [
      '<think>',
      '<think>a<OUTPUT>',
      '</think>',
      '<OUTPUT>a',
      '<think>a</think>',
      '<OUTPUT></think>',
    ]) {
      parseResponse({ text: piece.repeat(200_000), stopReason: 'end_turn' });
    }
    // As many tags within one region as no call takes arguments.
    const prefilled = `${'<OUTPUT>a'.repeat(200_000)}</think>`;
    assert.equal(parseResponse({ text: prefilled, stopReason: 'end_turn' }).status, 'output_in_scratchpad');
    const nested = `<think>${'<OUTPUT>a</OUTPUT><think>'.repeat(100_000)}</think>`;
    assert.equal(parseResponse({ text: nested, stopReason: 'end_turn' }).visible, 'a');
  });
});
