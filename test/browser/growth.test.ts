import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { noBrowser } from '../support/browser.ts';
import { openConsoleHouse } from '../support/console.ts';
import { makePrompts, SWEEP } from '../support/house.ts';

const SMALL = { ...SWEEP, models: ['sim/sonnet35-like'], samples: 1 };
const CSV = 'id,text\np0,dilemma number 0\nnew,"dilemma, number ""ten"""\n';

suite('sweeps that are looked for, and that grow', { skip: noBrowser }, () => {
  test('a sweep is extended by the prompts of a CSV file that it does not have', async (t) => {
    const { page, house } = await openConsoleHouse(t);
    const id = await house.submit(SMALL, makePrompts(2));
    await house.reached(id, ['completed']);
    await page.goto(`/sweeps/${id}`);
    await page.getByRole('button', { name: 'Extend' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('More prompts').check();
    const file = { name: 'more.csv', mimeType: 'text/csv', buffer: Buffer.from('id,text\na,') };
    await dialog.getByLabel(/Prompts from a file/).setInputFiles(file);
    await dialog.getByText('line 2: the prompt a is empty').waitFor();
    await dialog.getByLabel(/Prompts from a file/).setInputFiles({ ...file, buffer: Buffer.from(CSV) });
    await dialog.getByText('more: 2 prompts').waitFor();
    await dialog.getByRole('button', { name: 'Extend' }).click();
    await page.getByText('6 of 6 trials settled').waitFor();
    await page.goto(`/sweeps/${id}/transcripts?prompt=new`);
    await page.getByText('2 of 6 trials fit').waitFor();
  });

  test('sweeps are searched among all, not only among those of a page', async (t) => {
    const { page, house } = await openConsoleHouse(t);
    const oldest = await house.submit({ ...SMALL, name: 'the one we want' }, makePrompts(1));
    await house.reached(oldest, ['completed']);
    // Newer ones fill the first page.
    await house.pool.query(
      `insert into sweep (id, team_id, name, spec, spec_hash, state, planned)
       select gen_random_uuid(), s.team_id, 'another', s.spec, 'h', 'cancelled', 0 from sweep s, generate_series(1, 60) where s.id = $1`,
      [oldest],
    );
    await page.goto('/sweeps?text=ONE+WE');
    await page.getByRole('link', { name: 'the one we want' }).waitFor();
    assert.equal(await page.getByRole('link', { name: 'another' }).count(), 0);
    await page.getByLabel('Search').fill('nothing like it');
    await page.getByRole('heading', { name: 'No sweep fits' }).waitFor();
  });
});
