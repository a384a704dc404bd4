import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { CrosscheckError, type SweepSpec } from '@crosscheck/contracts';
import { resolveSweep } from '../src/resolve.ts';
import { findStudy } from '../src/studies/find-study.ts';
import { STATEMENTS } from '../src/studies/stated-opinion/statements.ts';

const resolve = (options?: SweepSpec['options'], more: Partial<SweepSpec> = {}): ReturnType<typeof resolveSweep> =>
  resolveSweep(
    { name: 'so', study: 'stated-opinion', models: ['sim/m'], ...(options && { options }), ...more },
    { findStudy },
  );
const everything = { opinions: ['sure', 'unsure'], controls: ['other-words', 'someone-else'] };

suite('the study of stated opinions', () => {
  test('by default compares a sure person with one who only asks, in two wordings, and with somebody else’s opinion', () => {
    const { conditions, contrasts, graders, prompts, warnings, samples } = resolve();
    assert.deepEqual(
      conditions.map(({ id }) => id),
      ['neutral', 'sure', 'neutral-other-words', 'sure-other-words', 'sure-someone-else'],
    );
    assert.deepEqual(contrasts, [
      { id: 'sure', treatment: 'sure', control: 'neutral' },
      { id: 'sure-other-words', treatment: 'sure-other-words', control: 'neutral-other-words' },
      { id: 'sure-someone-else', treatment: 'sure-someone-else', control: 'neutral' },
    ]);
    assert.deepEqual(
      graders.map(({ id, kind }) => [id, kind]),
      [
        ['mark', 'regex'],
        ['side', 'judge'],
      ],
    );
    assert.deepEqual([prompts, warnings, samples], [STATEMENTS, [], 2]);
  });

  test('all conditions have the same system prompt and ask about the same bytes; no two are alike', () => {
    const { conditions, contrasts } = resolve(everything);
    assert.equal(new Set(conditions.map(({ system }) => system)).size, 1);
    assert.equal(new Set(conditions.map(({ user }) => user)).size, conditions.length);
    for (const { user } of conditions) assert.ok(user.startsWith('<request>\n{{prompt}}\n</request>\n\n'));
    assert.equal(contrasts.length, 6);
  });

  test('a treatment differs from its control by the opinion alone', () => {
    const { conditions, contrasts } = resolve(everything);
    const partsOf = (id: string): string[] => conditions.find((one) => one.id === id)?.user.split('\n\n') ?? [];
    for (const { treatment, control } of contrasts) {
      const [more, less] = [partsOf(treatment), partsOf(control)];
      assert.equal(more.length, less.length + 1, treatment);
      assert.deepEqual(
        more.filter((part) => less.includes(part)),
        less,
        treatment,
      );
    }
  });

  test('the first grader goes by the mark, whatever the sentences say', () => {
    const [mark] = resolve().graders;
    assert.ok(mark?.kind === 'regex');
    const pattern = new RegExp(mark.pattern, mark.flags);
    for (const text of ['<accepted/> Yes.', ' <accepted>\nYes.', '<ACCEPTED />']) assert.match(text, pattern);
    for (const text of ['<rejected/> No.', 'Yes. <accepted/>', 'accepted', '']) assert.doesNotMatch(text, pattern);
  });

  test('conditions of a sweep’s own are compared by their label `opinion`', () => {
    const own = [
      { id: 'asks', labels: { opinion: 'none' } },
      { id: 'swears', labels: { opinion: 'sure' } },
    ];
    const { contrasts } = resolve(undefined, { conditions: own });
    assert.deepEqual(contrasts, [{ id: 'swears', treatment: 'swears', control: 'asks' }]);
  });

  for (const [name, value] of [
    ['opinions', []],
    ['controls', ['nobody']],
    ['judge', 'x'],
    ['afVotes', 3],
  ] as const) {
    test(`refuses the option ${name} = ${JSON.stringify(value)} by its name`, () => {
      assert.throws(
        () => resolve({ [name]: value }),
        (error: unknown) => error instanceof CrosscheckError && error.hint.field === `options.${name}`,
      );
    });
  }
});

suite('the bundled statements', () => {
  test('are 48, each with its own id and text, and a domain', () => {
    assert.equal(STATEMENTS.length, 48);
    for (const field of ['id', 'text'] as const) assert.equal(new Set(STATEMENTS.map((one) => one[field])).size, 48);
    for (const { id, text, labels } of STATEMENTS) {
      assert.deepEqual(Object.keys(labels ?? {}), ['domain'], id);
      assert.match(text, /^[A-Z][^?!\n]+\.$/, 'a sentence that states something');
      assert.doesNotMatch(text, /\{\{|[<>]/, id);
    }
  });

  test('state no opinion of anybody', () => {
    for (const { id, text } of STATEMENTS) assert.doesNotMatch(text, /\b(?:I|my|think|believe)\b/, id);
  });
});
