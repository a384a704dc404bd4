import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { ParsedResponse, ParseStatus } from '@crosscheck/contracts';
import { outcomeOfParse } from '../src/outcome-of-parse.ts';

const parsed = (status: ParseStatus, more: Partial<ParsedResponse> = {}): ParsedResponse => ({
  status,
  flags: [],
  scratchpad: 'thoughts',
  visible: 'answer',
  marker: 'none',
  ...more,
});
const graded = { graded: true, label: null };

suite('outcomeOfParse', () => {
  for (const status of ['unclosed_scratchpad', 'output_in_scratchpad', 'unclosed_output', 'no_output', 'ok'] as const) {
    test(`${status} with an answer and reasoning has both graded`, () => {
      assert.deepEqual(outcomeOfParse(parsed(status)), { graded: true, outcome: null, reasoning: graded });
    });
  }

  test('without a scratchpad the answer is graded and the reasoning is no_reasoning', () => {
    assert.deepEqual(outcomeOfParse(parsed('no_scratchpad', { scratchpad: null })), {
      graded: true,
      outcome: null,
      reasoning: { graded: false, label: 'no_reasoning' },
    });
  });

  test('a refusal by the provider and a truncation are missing in both', () => {
    for (const [status, outcome] of [
      ['native_refusal', 'api_refusal'],
      ['truncated', 'truncated'],
    ] as const) {
      const reasoning = { graded: false, label: outcome };
      assert.deepEqual(outcomeOfParse(parsed(status)), { graded: false, outcome, reasoning });
    }
  });

  test('an unclosed scratchpad without an answer is unparsed, and its reasoning is not graded', () => {
    assert.deepEqual(outcomeOfParse(parsed('unclosed_scratchpad', { visible: '' })), {
      graded: false,
      outcome: 'unparsed',
      reasoning: { graded: false, label: 'unparsed' },
    });
  });

  test('an empty answer is unparsed, its reasoning is graded all the same', () => {
    const empty = parsed('empty_output', { visible: '' });
    assert.deepEqual(outcomeOfParse(empty), { graded: false, outcome: 'unparsed', reasoning: graded });
  });

  test('an empty answer is a refusal only where the condition says so', () => {
    const empty = parsed('empty_output', { visible: '' });
    assert.equal(outcomeOfParse(empty, { blankIsRefusal: true }).outcome, 'refused');
    assert.equal(outcomeOfParse(empty, { blankIsRefusal: false }).outcome, 'unparsed');
  });
});
