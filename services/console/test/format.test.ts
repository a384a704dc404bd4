import assert from 'node:assert/strict';
import { test } from 'node:test';
import { counted } from '@crosscheck/contracts';
import { ago, duration, percent, points, pValue, usd } from '../src/ui/format.ts';

test('numbers read the same everywhere', () => {
  assert.deepEqual([percent(0.1254), percent(null)], ['12.5 %', '–']);
  assert.deepEqual(
    [points(0.083), points(-0.083), points(-0.0001), points(null)],
    ['+8.3 pp', '−8.3 pp', '+0.0 pp', '–'],
  );
  assert.deepEqual([pValue(0.0004), pValue(0.0421), pValue(undefined)], ['< 0.001', '0.042', '–']);
  assert.deepEqual([usd(0), usd(0.0031), usd(12.4), usd(1234.5)], ['$0', '$0.0031', '$12.40', '$1,235']);
  assert.deepEqual([counted(1, 'trial'), counted(2_000, 'trial')], ['1 trial', '2,000 trials']);
});

test('a length of time keeps its two largest units', () => {
  assert.deepEqual([850, 12_000, 200_000, 7_500_000, 273_600_000].map(duration), [
    '850 ms',
    '12 s',
    '3 min 20 s',
    '2 h 05 min',
    '3 d 4 h',
  ]);
  assert.equal(ago('2026-01-01T00:00:00Z', Date.parse('2026-01-01T00:02:30Z')), '2 min ago');
});
