import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Expectation, ParsedResponse } from '@crosscheck/contracts';
import { parseResponse } from '../src/parse-response.ts';

const BOTH: Expectation = { scratchpad: true, output: true };
const parse = (text: string, expects: Expectation = BOTH, stopReason = 'end_turn'): ParsedResponse =>
  parseResponse({ text, stopReason, expects });

type Case = { title: string; text: string; expects?: Expectation; stop?: string; want: Partial<ParsedResponse> };

/** Ways in which real answers miss their format, and how each is read. */
const CORPUS: Case[] = [
  {
    title: 'a well-formed answer is ok',
    text: '<SCRATCHPAD_REASONING>think</SCRATCHPAD_REASONING>\n<OUTPUT>answer</OUTPUT>',
    want: { status: 'ok', flags: [], scratchpad: 'think', visible: 'answer' },
  },
  {
    title: 'tags may hold spaces and any case',
    text: '< Scratchpad_Reasoning >think</ scratchpad_reasoning >< output\n>answer< / OUTPUT >',
    want: { status: 'ok', scratchpad: 'think', visible: 'answer' },
  },
  {
    title: 'a draft is not the output',
    text: '<SCRATCHPAD_REASONING>a<DRAFT_OUTPUT>draft</DRAFT_OUTPUT>b</SCRATCHPAD_REASONING><OUTPUT>final</OUTPUT>',
    want: { status: 'ok', visible: 'final', scratchpad: 'a<DRAFT_OUTPUT>draft</DRAFT_OUTPUT>b' },
  },
  {
    title: 'a draft outside of reasoning stays text',
    text: '<DRAFT_OUTPUT>x</DRAFT_OUTPUT>',
    expects: {},
    want: { status: 'ok', visible: '<DRAFT_OUTPUT>x</DRAFT_OUTPUT>' },
  },
  {
    title: 'several reasoning blocks are joined by newlines',
    text: '<think>one</think><SCRATCHPAD_REASONING>two</SCRATCHPAD_REASONING><OUTPUT>x</OUTPUT>',
    want: { status: 'ok', scratchpad: 'one\ntwo', visible: 'x' },
  },
  {
    title: 'a closing tag first means that the opener was prefilled',
    text: 'thoughts</SCRATCHPAD_REASONING><OUTPUT>x</OUTPUT>',
    want: { status: 'ok', flags: ['scratchpad_opener_missing'], scratchpad: 'thoughts', visible: 'x' },
  },
  {
    title: 'an unclosed scratchpad ends where the output begins',
    text: '<SCRATCHPAD_REASONING>thoughts <OUTPUT>x</OUTPUT>',
    want: { status: 'unclosed_scratchpad', flags: ['unclosed_scratchpad'], scratchpad: 'thoughts', visible: 'x' },
  },
  {
    title: 'an unclosed scratchpad without an output takes the rest',
    text: 'hello <SCRATCHPAD_REASONING>thoughts',
    expects: { scratchpad: true },
    want: { status: 'unclosed_scratchpad', scratchpad: 'thoughts', visible: 'hello' },
  },
  {
    title: 'a scratchpad is not closed by another name',
    text: '<think>a</thinking>b<OUTPUT>x</OUTPUT>',
    want: { status: 'unclosed_scratchpad', scratchpad: 'a</thinking>b', visible: 'x' },
  },
  {
    title: 'a nested opener of the same name is text of the region',
    text: '<think>a<think>b</think>c</think><OUTPUT>x</OUTPUT>',
    want: { status: 'ok', scratchpad: 'a<think>b', visible: 'x' },
  },
  {
    title: 'the last closed output with text wins',
    text: '<think>t</think><OUTPUT>one</OUTPUT><OUTPUT>two</OUTPUT><OUTPUT> </OUTPUT><OUTPUT>cut',
    want: { status: 'ok', visible: 'two' },
  },
  {
    title: 'an output that opens again ends the one before, unclosed',
    text: '<think>t</think><OUTPUT>one<OUTPUT>two</OUTPUT>',
    want: { status: 'ok', visible: 'two' },
  },
  {
    title: 'an unclosed output is read to the end',
    text: '<think>t</think><OUTPUT>answer',
    want: { status: 'unclosed_output', flags: ['unclosed_output'], visible: 'answer' },
  },
  {
    title: 'reasoning inside the output is taken out of it',
    text: '<OUTPUT>before <think>t</think>after</OUTPUT>',
    want: { status: 'ok', scratchpad: 't', visible: 'before after' },
  },
  {
    title: 'stray closing tags inside the output are taken out',
    text: '<think>t</think><OUTPUT>a</think>b</OUTPUT>',
    want: { status: 'ok', visible: 'ab' },
  },
  {
    title: 'an empty output is empty, even beside other text',
    text: '<think>t</think>hello<OUTPUT> </OUTPUT>',
    want: { status: 'empty_output', flags: ['empty_output'], visible: '' },
  },
  {
    title: 'without output tags everything outside the reasoning is the answer',
    text: 'a<think>t</think>b',
    want: { status: 'no_output', flags: ['no_output'], scratchpad: 't', visible: 'ab' },
  },
  {
    title: 'where no output tag is expected its absence is no flag',
    text: '<think>t</think>b',
    expects: { scratchpad: true },
    want: { status: 'ok', flags: [], visible: 'b' },
  },
  {
    title: 'an output inside the reasoning is the answer when there is no other text',
    text: '<think>t<OUTPUT>one</OUTPUT><OUTPUT>two</OUTPUT>u</think>',
    want: { status: 'output_in_scratchpad', flags: ['output_in_scratchpad'], visible: 'two' },
  },
  {
    title: 'an output inside the reasoning without an end reaches to the end of the region',
    text: '<think>t<OUTPUT>two</think>',
    want: { status: 'output_in_scratchpad', visible: 'two' },
  },
  {
    title: 'an empty output inside the reasoning is no answer',
    text: '<think>t<OUTPUT></OUTPUT></think>',
    want: { status: 'empty_output', flags: ['empty_output'], visible: '' },
  },
  {
    title: 'reasoning alone leaves no answer',
    text: '<think>t</think>',
    want: { status: 'empty_output', scratchpad: 't', visible: '' },
  },
  { title: 'no text at all is empty', text: '', expects: {}, want: { status: 'empty_output', scratchpad: null } },
  {
    title: 'a bare refusal has no scratchpad',
    text: 'I cannot help with that.',
    want: { status: 'no_output', flags: ['no_output', 'no_scratchpad'], visible: 'I cannot help with that.' },
  },
  {
    title: 'a missing scratchpad beside a good output',
    text: '<OUTPUT>x</OUTPUT>',
    want: { status: 'no_scratchpad', flags: ['no_scratchpad'], visible: 'x' },
  },
  {
    title: 'an empty scratchpad is none',
    text: '<think> </think><OUTPUT>x</OUTPUT>',
    want: { status: 'no_scratchpad', scratchpad: null },
  },
  {
    title: 'reasoning that nobody asked for is flagged and changes no status',
    text: '<think>t</think>x',
    expects: {},
    want: { status: 'ok', flags: ['unexpected_scratchpad'], scratchpad: 't', visible: 'x' },
  },
  {
    title: 'a refusal by the provider outranks everything',
    text: '<OUTPUT>x</OUTPUT>',
    stop: 'refusal',
    want: { status: 'native_refusal' },
  },
  {
    title: 'a stop at max_tokens within the output is a truncation',
    text: '<think>t</think><OUTPUT>ans',
    stop: 'max_tokens',
    want: { status: 'truncated', visible: 'ans' },
  },
  {
    title: 'a stop at max_tokens after the output is none',
    text: '<think>t</think><OUTPUT>answer</OUTPUT> and more',
    stop: 'max_tokens',
    want: { status: 'ok', visible: 'answer' },
  },
  {
    title: 'an empty closed output does not save a truncated one',
    text: '<think>t</think><OUTPUT></OUTPUT><OUTPUT>ans',
    stop: 'max_tokens',
    want: { status: 'truncated' },
  },
  {
    title: 'any stop at max_tokens is a truncation where no output is expected',
    text: 'a full answer, as far as anybody can tell',
    expects: {},
    stop: 'max_tokens',
    want: { status: 'truncated' },
  },
  {
    title: 'a condition may name its own tags',
    text: '<notes>t</notes><RESPONSE>x</RESPONSE><OUTPUT>y</OUTPUT>',
    expects: { ...BOTH, scratchpadTags: ['notes'], outputTags: ['RESPONSE'] },
    want: { status: 'ok', scratchpad: 't', visible: 'x' },
  },
  {
    title: 'tags with attributes, comparisons and other angle brackets are text',
    text: '<think>if a < b and b > c then <output x="1"></think>1 < 2 <OUTPUT>x <y> z</OUTPUT>',
    want: { status: 'ok', visible: 'x <y> z' },
  },
  {
    title: 'a stop sequence that ate the closing tag leaves the output unclosed and readable',
    text: '<think>t</think><OUTPUT>answer\n',
    stop: 'stop_sequence',
    want: { status: 'unclosed_output', visible: 'answer' },
  },
];

suite('parseResponse', () => {
  for (const { title, text, expects = BOTH, stop = 'end_turn', want } of CORPUS) {
    test(title, () => {
      const parsed = parse(text, expects, stop);
      const got = Object.fromEntries(Object.keys(want).map((key) => [key, parsed[key as keyof ParsedResponse]]));
      assert.deepEqual(got, want);
    });
  }

  test('drafts do not decide the marker, the answer does', () => {
    const text =
      '<think><DRAFT_OUTPUT><request_rejected/></DRAFT_OUTPUT></think><OUTPUT><REQUEST_FULLY_ACCEPTED>\nyes</OUTPUT>';
    assert.equal(parse(text).marker, 'accepted');
  });

  test('a marker beside the output counts only when the output has none', () => {
    assert.equal(parse('<think>t</think><request_rejected><OUTPUT>no</OUTPUT>').marker, 'rejected');
    assert.equal(parse('<think>t</think><request_rejected><OUTPUT><accept>yes</OUTPUT>').marker, 'accepted');
  });

  test('both markers in one answer are both, no marker is none', () => {
    assert.equal(parse('<accept/> well, <reject/>', {}).marker, 'both');
    assert.equal(parse('I accept and reject nothing', {}).marker, 'none');
  });
});
