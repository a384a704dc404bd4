import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { loadCatalog } from '../src/catalog.ts';
import { catalogProblems } from '../src/catalog-checks.ts';
import { findModel, modelCatalog } from '../src/index.ts';

const changed = (change: (catalog: typeof modelCatalog) => void) => {
  const copy = structuredClone(modelCatalog);
  change(copy);
  return copy;
};
const problemsOf = (change: (catalog: typeof modelCatalog) => void) => catalogProblems(changed(change)).join('\n');
const model = (catalog: typeof modelCatalog, id: string) => catalog.models.find((entry) => entry.id === id)!;
const price = (catalog: typeof modelCatalog, id: string, row = 0) => model(catalog, id).prices![row]!;

suite('the model catalogue', () => {
  test('has no problem', () => {
    assert.deepEqual(catalogProblems(modelCatalog), []);
  });

  test('finds a model by its id and by its alias', () => {
    assert.equal(findModel('claude-haiku-4-5')?.id, 'claude-haiku-4-5-20251001');
    assert.equal(findModel('claude-haiku-4-5-20251001')?.id, 'claude-haiku-4-5-20251001');
    assert.equal(findModel('claude-haiku'), null);
  });

  test('a name that two models share is a problem', () => {
    assert.match(
      problemsOf((catalog) => model(catalog, 'claude-opus-5').aliases.push('claude-haiku-4-5')),
      /claude-haiku-4-5 names two models/,
    );
  });

  test('price rows with a gap, an overlap or an early end are a problem', () => {
    assert.match(
      problemsOf((catalog) => (price(catalog, 'claude-sonnet-5-5').to = '2026-10-06')),
      /claude-sonnet-5-5: the price from 2026-09-28 does not end where the next begins/,
    );
    assert.match(
      problemsOf((catalog) => delete price(catalog, 'claude-sonnet-5-5').to),
      /does not end where the next begins/,
    );
    assert.match(
      problemsOf((catalog) => (price(catalog, 'claude-opus-5').to = '2026-07-24')),
      /claude-opus-5: the price from 2026-07-24 does not end/,
    );
  });

  test('price bands that overlap or leave a gap are a problem', () => {
    assert.match(
      problemsOf((catalog) => (price(catalog, 'claude-haiku-5-5').promptTokensUpTo = 100_001)),
      /bands from 2026-10-07 leave a gap or overlap/,
    );
    assert.match(
      problemsOf((catalog) => model(catalog, 'claude-haiku-5-5').prices!.pop()),
      /bands from 2026-10-07 leave a gap or overlap/,
    );
  });

  test('a rate finer than a pico-USD is a problem', () => {
    assert.match(
      problemsOf((catalog) => (price(catalog, 'claude-opus-5').output = 25.000_000_1)),
      /the output rate from 2026-07-24 is no whole number/,
    );
    assert.match(
      problemsOf((catalog) => (price(catalog, 'claude-opus-5').output = 25.000_001)),
      /the output rate/,
      'half of it is no whole pico-USD',
    );
  });

  test('a cache rate must follow from the input rate, by the exception of its model', () => {
    const read = (id: string, usd: number) => problemsOf((catalog) => (price(catalog, id).cacheRead = usd));
    assert.match(read('claude-opus-5-5', 0.4), /cache read rate/);
    assert.match(read('claude-opus-5', 0.25), /cache read rate/);
    assert.match(
      problemsOf((catalog) => (price(catalog, 'claude-opus-5').cacheWrite1h = 9)),
      /cache 1 hour write rate/,
    );
  });

  test('a pool or source that does not exist is a problem', () => {
    assert.match(
      problemsOf((catalog) => (model(catalog, 'claude-opus-5').pool = 'opus-6')),
      /pool opus-6 does not list claude-opus-5/,
    );
    assert.match(
      problemsOf((catalog) => model(catalog, 'claude-opus-5').sources.push('HEARSAY')),
      /source HEARSAY is not listed/,
    );
  });

  test('a catalogue with a problem or an unknown field is refused', () => {
    assert.throws(() => loadCatalog(changed((catalog) => (price(catalog, 'claude-opus-5').output = 1 / 3))), /output/);
    assert.throws(() => loadCatalog({ ...modelCatalog, notes: '' }), /does not fit its schema/);
  });
});
