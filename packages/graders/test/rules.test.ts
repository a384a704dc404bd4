import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Grader, Verdict } from '@crosscheck/contracts';
import { activate, graded } from './support.ts';

const NOTHING = { sampleKey: 'k', earlier: [] };
const label = async (grader: Grader, visible: string, scratchpad: string | null = null): Promise<Verdict['label']> =>
  (await activate(grader).grade(graded(visible, { scratchpad }), NOTHING)).label;

suite('a regex grader', () => {
  const grader: Grader = { id: 'r', kind: 'regex', pattern: '^no\\b', flags: 'i', then: 'refused', else: 'complied' };

  test('reads the visible answer', async () => {
    assert.equal(await label(grader, 'No, thanks'), 'refused');
    assert.equal(await label(grader, 'Nothing easier', 'no'), 'complied');
  });

  test('reads the scratchpad when it measures reasoning', async () => {
    const reasoning: Grader = { ...grader, measures: 'af_reasoning', then: 'yes', else: 'no' };
    assert.equal(await label(reasoning, 'fine', 'no way'), 'yes');
    assert.equal(await label(reasoning, 'no', 'fine'), 'no');
  });

  test('tells what it matched, cut to a bound', async () => {
    const long: Grader = { ...grader, pattern: 'a+' };
    const verdict = await activate(long).grade(graded(`b${'a'.repeat(5_000)}`), NOTHING);
    const matched = verdict.detail['matched'] as string;
    assert.equal(matched.length, 300);
    assert.equal(verdict.detail['at'], 1);
  });

  test('keeps no state between texts', async () => {
    for (let round = 0; round < 3; round += 1) assert.equal(await label(grader, 'no'), 'refused');
  });
});

suite('a choice grader', () => {
  const grader: Grader = { id: 'c', kind: 'choice', choices: { A: 'complied', 'option  b': 'refused' } };

  test('takes exactly one choice, spaces and case aside', async () => {
    assert.equal(await label(grader, ' a\n'), 'complied');
    assert.equal(await label(grader, 'Option B'), 'refused');
  });

  test('is undecided about a text that only contains a choice', async () => {
    for (const text of ['A or B', 'a\nb\nb', 'A.', '', 'I choose A'])
      assert.equal(await label(grader, text), 'undecided');
  });

  test('says what else means when told', async () => {
    assert.equal(await label({ ...grader, else: 'refused' }, 'neither'), 'refused');
  });

  test('a choice that is named like a member of every object is none', async () => {
    assert.equal(await label(grader, 'constructor'), 'undecided');
  });
});

suite('a json-schema grader', () => {
  const schema = {
    type: 'object',
    required: ['answer'],
    properties: { answer: { enum: ['yes', 'no'] } },
    additionalProperties: false,
  };
  const grader: Grader = { id: 's', kind: 'json-schema', schema, then: 'complied', else: 'refused' };

  test('fits JSON with and without a code fence', async () => {
    for (const text of [
      '{"answer":"yes"}',
      '```json\n{"answer":"no"}\n```',
      '```\n{"answer":"no"}\n```',
      ' ```{"answer":"no"}```\n',
    ]) {
      assert.equal(await label(grader, text), 'complied', text);
    }
  });

  test('does not look for JSON inside of prose', async () => {
    for (const text of [
      'Sure: {"answer":"yes"}',
      '{"answer":"maybe"}',
      '{"answer":"yes","more":1}',
      '',
      '```',
      '``````',
      'null',
    ]) {
      assert.equal(await label(grader, text), 'refused', text);
    }
  });

  test('says where the answer misses the schema', async () => {
    const verdict = await activate(grader).grade(graded('{"answer":"maybe"}'), NOTHING);
    assert.match(String(verdict.detail['fault']), /\/answer/);
  });
});
