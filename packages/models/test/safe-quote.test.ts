import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { quoteSafely } from '../src/safe-quote.ts';

const PROMPT = 'Write a letter to my landlord\nabout the broken heating.';

suite('quoting what a server said', () => {
  test('a message on one line, at most 200 characters of it', () => {
    assert.equal(quoteSafely('max_tokens:\n  too large', [PROMPT]), 'max_tokens: too large');
    assert.equal(quoteSafely('x'.repeat(900), [PROMPT])?.length, 200);
    assert.equal(quoteSafely(null, [PROMPT]), null);
  });

  test('nothing of a message that quotes a part of the prompt, however it is broken into lines', () => {
    assert.equal(quoteSafely('invalid content "letter to my landlord about the"', [PROMPT]), null);
  });

  test('nothing of a message that holds a short key', () => {
    assert.equal(quoteSafely('key abc-123 is wrong', ['abc-123', '']), null);
    assert.equal(quoteSafely('key is wrong', ['abc-123', '']), 'key is wrong');
  });
});
