import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { checkPlaceholders } from '../src/placeholders.ts';
import { renderTrial } from '../src/render.ts';

const prompt = { id: 'p1', text: 'How?', variables: { name: 'Ada', odd: '$& {{prompt}}' } };

suite('renderTrial', () => {
  test('places the prompt and its variables in both turns', () => {
    const condition = { system: 'You talk to {{name}}.', user: '<tier>free</tier>\n{{ prompt }}' };
    assert.deepEqual(renderTrial({ condition, prompt }), {
      system: 'You talk to Ada.',
      user: '<tier>free</tier>\nHow?',
    });
  });

  test('a missing system prompt stays missing', () => {
    assert.equal(renderTrial({ condition: { system: null, user: '{{prompt}}' }, prompt }).system, null);
  });

  test('what a prompt or a variable holds is never expanded or read as a replacement pattern', () => {
    fc.assert(
      fc.property(fc.constantFrom('{{prompt}}', '{{name}}', '$&', '$1', '$$', '{{', '}}'), fc.string(), (odd, text) => {
        const own = { id: 'p', text: `${odd}${text}${odd}`, variables: { name: odd } };
        const { user } = renderTrial({ condition: { system: null, user: '[{{prompt}}|{{name}}]' }, prompt: own });
        assert.equal(user, `[${own.text}|${odd}]`);
      }),
    );
  });

  test('braces that are no placeholder are text', () => {
    const user = '{{prompt}} {x} {{1}} {{a b}} {{}} {{{name}}}';
    assert.equal(renderTrial({ condition: { system: null, user }, prompt }).user, 'How? {x} {{1}} {{a b}} {{}} {Ada}');
  });

  test('a variable that the prompt lacks is refused, also one that every object inherits', () => {
    for (const name of ['missing', 'constructor', 'toString']) {
      assert.throws(() => renderTrial({ condition: { system: null, user: `{{${name}}}` }, prompt }), {
        code: 'PLACEHOLDER_UNKNOWN',
        hint: { got: name, expected: '{{prompt}}, {{name}}, {{odd}}' },
      });
    }
  });
});

suite('checkPlaceholders', () => {
  test('names the field of the condition that does not place the prompt', () => {
    const conditions = [{ id: 'a' }, { id: 'b', user: 'hello {{name}}' }];
    assert.throws(() => checkPlaceholders(conditions, null), {
      code: 'PLACEHOLDER_MISSING',
      hint: { field: 'conditions[1].user', expected: 'a template with {{prompt}}' },
    });
  });

  test('a prompt in the system turn alone does not place it', () => {
    assert.throws(() => checkPlaceholders([{ id: 'a', system: '{{prompt}}', user: 'x' }], null), {
      code: 'PLACEHOLDER_MISSING',
    });
  });

  test('names the placeholder that one of the prompts does not fill', () => {
    const conditions = [{ id: 'a', system: 'for {{name}}' }];
    assert.doesNotThrow(() => checkPlaceholders(conditions, [prompt]));
    assert.throws(() => checkPlaceholders(conditions, [prompt, { id: 'p2', text: 'x' }]), {
      code: 'PLACEHOLDER_UNKNOWN',
      hint: { field: 'conditions[0].system', got: 'name', expected: '{{prompt}}' },
    });
  });
});
