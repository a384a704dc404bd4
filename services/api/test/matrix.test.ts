import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Matrix } from '@crosscheck/contracts';
import { openApi } from './support/api.ts';
import { importAnswers } from './support/import-answers.ts';

test('a matrix holds a letter for every trial, prompts in the order of the dataset', async (t) => {
  const api = await openApi(t);
  const red = await api.team('red');
  const id = await importAnswers(red, { free: ['cc', 'cr', 'uu'], paid: ['rr', 'rp', 'rr'] });
  const matrix = (await red.get(`/v1/sweeps/${id}/matrix`)).json<Matrix>();
  assert.deepEqual(matrix.prompts, ['p0', 'p1', 'p2']);
  assert.deepEqual(Object.fromEntries(matrix.columns.map(({ condition }, index) => [condition, matrix.cells[index]])), {
    free: 'cc,cr,uu',
    paid: 'rr,rp,rr',
  });
  assert.equal(matrix.legend['u'], 'undecided');
});

test('a matrix of another team, or of a grader that is none, is refused', async (t) => {
  const api = await openApi(t);
  const [red, blue] = [await api.team('red'), await api.team('blue')];
  const id = await importAnswers(red, { free: ['c'], paid: ['r'] });
  assert.equal((await blue.get(`/v1/sweeps/${id}/matrix`)).statusCode, 404);
  const refused = await red.get(`/v1/sweeps/${id}/matrix?grader=none`);
  assert.deepEqual([refused.statusCode, refused.json<{ field: string }>().field], [400, 'grader']);
});
