import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Type } from 'typebox';
import { findFaults } from '../src/faults.ts';

const closed = { additionalProperties: false };
const Label = Type.Object({ trial: Type.String({ minLength: 1, maxLength: 3 }), word: Type.Enum(['a', 'b']) }, closed);
const Labels = Type.Union([Label, Type.Array(Label, { minItems: 1, maxItems: 2 })]);
const Line = Type.Object(
  { type: Type.Literal('trial'), prompt: Type.String(), sample: Type.Optional(Type.Integer()) },
  closed,
);

suite('how a value misses its schema', () => {
  test('in a list the item is named, also where one item alone would do', () => {
    assert.deepEqual(findFaults(Labels, [{ trial: '1', word: 'c' }]), [
      {
        detail: '[0].word is not one of the words that are known',
        field: '[0].word',
        got: 'c',
        expected: 'a, b',
      },
    ]);
    assert.equal(findFaults(Labels, { trial: '1', word: 'c' })[0]?.field, 'word');
    assert.equal(findFaults(Labels, [])[0]?.expected, 'at least 1 item');
    assert.equal(findFaults(Labels, 7)[0]?.expected, '{ trial, word } or array');
  });

  test('what is unknown or missing says what would be known', () => {
    assert.deepEqual(findFaults(Line, { type: 'trial', prompts: 'p' }), [
      { detail: 'prompt is missing', field: 'prompt', expected: 'string' },
      { detail: 'prompts is not a known field', field: 'prompts', expected: 'type, prompt, sample' },
    ]);
    assert.equal(findFaults(Labels, [{ trial: '1' }])[0]?.expected, 'a, b');
  });

  test('a thing of another kind is told as that, before all that it lacks', () => {
    const [first] = findFaults(Line, { type: 'sweep', name: 's' });
    assert.deepEqual([first?.field, first?.got, first?.expected], ['type', 'sweep', 'trial']);
  });

  test('sizes are told in words', () => {
    const of = (trial: string) => findFaults(Label, { trial, word: 'a' })[0];
    assert.deepEqual([of('')?.detail, of('')?.expected], ['trial is too short', 'at least 1 character']);
    assert.deepEqual([of('1234')?.detail, of('1234')?.expected], ['trial is too long', 'at most 3 characters']);
    const three = Array.from({ length: 3 }, () => ({ trial: '1', word: 'a' }));
    assert.equal(findFaults(Labels, three)[0]?.detail, 'the body has too many items');
  });
});
