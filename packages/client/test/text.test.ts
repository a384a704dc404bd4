import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { count } from '@crosscheck/contracts';
import fc from 'fast-check';
import { duration, percent, points, pValue, range, usd } from '../src/cli/format.ts';
import { renderTable } from '../src/cli/table.ts';
import { cut, pad, plain, widthOf, withoutStrays } from '../src/cli/text.ts';

suite('texts of others in a terminal', () => {
  test('a colour, a title, a line break and a turned direction are shown and not performed', () => {
    assert.equal(plain('\x1b[31mred\x1b]0;title\x07'), '\\x1b[31mred\\x1b]0;title\\x07');
    assert.equal(plain('a\r\nb\tc\u009b2J'), 'a\\r\\nb\\tc\\x9b2J');
    assert.equal(plain('\u202egnp.exe\u2066'), '\\u{202e}gnp.exe\\u{2066}');
    assert.equal(plain('naïve 日本 👩‍👩‍👧'), 'naïve 日本 👩‍👩‍👧');
  });

  test('whatever the text, no control character is left', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => assert.doesNotMatch(plain(text), /\p{Cc}/u)));
  });

  test('whatever else is written for eyes, only our own colours and movements are performed', () => {
    assert.equal(
      withoutStrays('\x1b[1mbold\x1b[0m\n{"a":"\u009b2J\u202e"}'),
      '\x1b[1mbold\x1b[0m\n{"a":"\\x9b2J\\u{202e}"}',
    );
  });

  test('the width is in columns of the terminal', () => {
    assert.deepEqual(
      ['abc', 'naïve', 'nai\u0308ve', '日本', '한', '👩‍👩‍👧', '–', '⚠️'].map(widthOf),
      [3, 5, 5, 4, 2, 2, 1, 2],
    );
  });

  test('cutting and padding give the width that was asked for', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 30 }), (text, width) => {
        const shown = plain(text);
        assert.ok(widthOf(cut(shown, width)) <= width);
        assert.ok(widthOf(pad(shown, width)) >= width);
        if (widthOf(shown) <= width) assert.equal(cut(shown, width), shown);
      }),
    );
  });

  test('a table aligns by width and keeps a row in one line', () => {
    const rows = [
      { name: '日本', n: 1_234 },
      { name: 'a\nb', n: 5 },
    ];
    const table = renderTable(
      [
        { title: 'name', show: ({ name }) => name },
        { title: 'n', show: ({ n }) => count(n), align: 'right' },
      ],
      rows,
    );
    assert.deepEqual(table.split('\n'), ['name      n', '────  ─────', '日本  1,234', 'a\\nb      5', '']);
    assert.equal(renderTable([{ title: 'name', show: ({ name }) => name }], [] as typeof rows), '');
  });
});

suite('a table in a narrow terminal', () => {
  const columns = ['a', 'b', 'c'].map((title) => ({ title, show: () => '12345', spare: title !== 'a' }));
  const titles = (width: number) => renderTable(columns, [null], width).split('\n')[0]?.split(/ +/);

  test('leaves out its spare columns from the right, and no more than it must', () => {
    assert.deepEqual([19, 18, 12, 11, 1].map(titles), [['a', 'b', 'c'], ['a', 'b'], ['a', 'b'], ['a'], ['a']]);
  });
});

suite('numbers for people', () => {
  test('rates are in percent, gaps in points with their sign, what is not known is a dash', () => {
    assert.deepEqual([percent(0.1416), percent(0), percent(null)], ['14.2', '0.0', '–']);
    assert.deepEqual([points(0.1134), points(-0.02), points(0), points(-0.0001)], ['+11.3', '-2.0', '0.0', '0.0']);
    assert.equal(range({ low: 0.05, high: 0.2 }), '[5.0, 20.0]');
    assert.equal(range({ low: -0.05, high: 0.2 }, true), '[-5.0, +20.0]');
    assert.equal(range({ low: null, high: null }), '–');
    assert.deepEqual([pValue(0.04321), pValue(0.00001), pValue(null)], ['0.0432', '<0.0001', '–']);
  });

  test('a small sum of money is not shown as nothing', () => {
    assert.deepEqual(
      ['0', '3120000000', '1230000000000', '9007199254740993000000'].map((text) => usd(text)),
      ['0.00 USD', '0.0031 USD', '1.23 USD', '9007199254.74 USD'],
    );
  });

  test('durations use the units that one would say', () => {
    assert.deepEqual([900, 9_960, 75_000, 3_700_000].map(duration), ['0.9 s', '10 s', '1 min 15 s', '1 h 1 min']);
  });
});
