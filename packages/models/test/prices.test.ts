import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import type { Usage } from '@crosscheck/contracts';
import { costPicoUsd, modelCatalog, priceOf } from '../src/index.ts';

const NONE: Usage = { uncached: 0, cacheWrite5m: 0, cacheWrite1h: 0, cacheRead: 0, output: 0, thinking: 0 };
const TODAY = new Date('2026-11-21T12:00:00Z');
const cost = (model: string, usage: Partial<Usage>, more: { at?: Date; batch?: boolean; geoUs?: boolean } = {}) =>
  costPicoUsd({ model, usage: { ...NONE, ...usage }, at: TODAY, ...more })?.picoUsd;

suite('what a call costs', () => {
  test('a prompt of up to 100,000 tokens pays the lower band', () => {
    assert.equal(cost('claude-haiku-5-5', { uncached: 1_000, output: 500 }), 350_000_000n);
    assert.equal(cost('claude-haiku-5-5', { uncached: 100_000, output: 1_000 }), 10_500_000_000n);
  });

  test('one token more puts every token into the upper band, also when it was read from a cache', () => {
    assert.equal(cost('claude-haiku-5-5', { uncached: 100_001, output: 1_000 }), 52_500_500_000n);
    assert.equal(cost('claude-haiku-5-5', { uncached: 1, cacheRead: 100_000, output: 1_000 }), 7_500_500_000n);
  });

  test('a cache write costs more than input, a read far less', () => {
    assert.equal(cost('claude-opus-5-5', { uncached: 50, cacheWrite5m: 6_000, output: 800 }), 46_200_000_000n);
    assert.equal(cost('claude-opus-5-5', { uncached: 50, cacheRead: 6_000, output: 800 }), 17_400_000_000n);
    assert.equal(cost('claude-fable-5-1', { uncached: 300, cacheWrite1h: 6_000, output: 700 }), 158_000_000_000n);
  });

  test('a batch costs half, the US a tenth more, and both stay whole', () => {
    const usage = { uncached: 50, cacheRead: 6_000, output: 800 };
    assert.equal(cost('claude-opus-5-5', usage, { batch: true }), 8_700_000_000n);
    assert.equal(cost('claude-opus-5-5', usage, { geoUs: true }), 19_140_000_000n);
    assert.equal(cost('claude-haiku-5-5', { cacheWrite5m: 1 }, { batch: true }), 62_500n);
    assert.equal(cost('claude-haiku-5-5', { cacheWrite5m: 1 }, { batch: true, geoUs: true }), 68_750n);
  });

  test('a model from before 4.6 charges nothing for the US', () => {
    assert.equal(cost('claude-haiku-4-5', { output: 1 }, { geoUs: true }), 5_000_000n);
  });

  test('a price changes on its day', () => {
    const at = (day: string) => cost('claude-sonnet-5-5', { cacheRead: 1_000 }, { at: new Date(day) });
    assert.equal(at('2026-10-06T23:59:59.999Z'), 200_000_000n);
    assert.equal(at('2026-10-07T00:00:00Z'), 100_000_000n);
    assert.equal(at('2026-11-21T00:00:00Z'), 100_000_000n);
  });

  test('a million calls cost exactly a million times one call', () => {
    const one = cost('claude-haiku-4-5', { uncached: 7, output: 3 });
    assert.equal(cost('claude-haiku-4-5', { uncached: 7_000_000, output: 3_000_000 }), one! * 1_000_000n);
  });

  test('thinking is part of the output and is not charged twice', () => {
    assert.equal(cost('claude-opus-5', { output: 10, thinking: 9 }), cost('claude-opus-5', { output: 10 }));
  });

  test('a cost names the table it was computed with', () => {
    const { tableVersion, basis } = costPicoUsd({ model: 'claude-opus-5', usage: NONE, at: TODAY })!;
    assert.deepEqual({ tableVersion, basis }, { tableVersion: modelCatalog.tableVersion, basis: 'catalogue' });
  });

  test('no sum of costs depends on how it is split', () => {
    const tokens = fc.nat({ max: 40_000 });
    fc.assert(
      fc.property(tokens, tokens, (a, b) => {
        const whole = cost('claude-opus-4-8', { uncached: a + b, output: b });
        assert.equal(
          whole,
          cost('claude-opus-4-8', { uncached: a })! + cost('claude-opus-4-8', { uncached: b, output: b })!,
        );
      }),
    );
  });
});

suite('what has no price', () => {
  test('an unknown model is unpriced, which is not free', () => {
    assert.equal(costPicoUsd({ model: 'llama-9', usage: NONE, at: TODAY }), null);
    assert.equal(costPicoUsd({ model: 'claude-mythos-5-2', usage: NONE, at: TODAY }), null);
  });

  test('a model has no price before it was sold or after it was retired', () => {
    assert.equal(priceOf('claude-3-opus-20240229', TODAY), null);
    assert.equal(priceOf('claude-3-opus-20240229', new Date('2025-06-01'))?.output, 75_000_000n);
    assert.equal(priceOf('claude-haiku-5-5', new Date('2026-10-06')), null);
  });

  test('a model that only a declared simulation knows costs nothing, and says why', () => {
    const usage = { ...NONE, output: 1_000 };
    assert.equal(costPicoUsd({ model: 'af-prompted', usage, at: TODAY }), null);
    const simulated = costPicoUsd({ model: 'af-prompted', usage, at: TODAY, simulated: true });
    assert.deepEqual([simulated?.picoUsd, simulated?.basis], [0n, 'simulated']);
  });

  test('a simulated model of the catalogue costs what the real one would', () => {
    const usage = { ...NONE, output: 1_000 };
    const cost = costPicoUsd({ model: 'claude-opus-4-8', usage, at: TODAY, simulated: true });
    assert.deepEqual([cost?.picoUsd, cost?.basis], [25_000_000_000n, 'catalogue']);
  });
});
