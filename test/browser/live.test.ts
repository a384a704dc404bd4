import { suite, test } from 'node:test';
import { noBrowser } from '../support/browser.ts';
import { openConsoleHouse } from '../support/console.ts';

const HEADER = {
  type: 'sweep',
  name: 'checkpoints',
  conditions: [{ id: 'free' }, { id: 'paid' }],
  models: ['early', 'late'],
  contrasts: [{ treatment: 'free', control: 'paid' }],
  modelLabels: { early: { family: 'family', step: 1 }, late: { family: 'family', step: 2 } },
};
const BODY = [
  HEADER,
  ...HEADER.models.flatMap((model) =>
    ['free', 'paid'].flatMap((condition) =>
      ['a', 'b'].map((prompt) => ({ type: 'trial', prompt, condition, model, sample: 0, outcome: 'complied' })),
    ),
  ),
]
  .map((line) => JSON.stringify(line))
  .join('\n');

suite('a page of a sweep that ends meanwhile', { skip: noBrowser }, () => {
  test('shows the last numbers, though an answer from before them comes in after the end', async (t) => {
    const { page, house, ask } = await openConsoleHouse(t, { house: { aggregator: false } });
    const { id } = await ask<{ id: string }>('POST', '/v1/imports', BODY, 'application/x-ndjson');
    const asked = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    await page.route(
      `**/v1/sweeps/${id}/metrics`,
      async (route) => {
        const response = await route.fetch();
        asked.resolve();
        await ended.promise;
        await route.fulfill({ response });
      },
      { times: 1 },
    );
    await page.goto(`/sweeps/${id}/curves`);
    await asked.promise;
    house.aggregate();
    await page.getByText('completed', { exact: true }).waitFor();
    ended.resolve();
    await page.getByRole('img', { name: /^Gap in percentage points/ }).waitFor();
  });

  test('shows the last numbers, though it was told of the end before they were there', async (t) => {
    const { page, house, ask } = await openConsoleHouse(t, { house: { aggregator: false } });
    const { id } = await ask<{ id: string }>('POST', '/v1/imports', BODY, 'application/x-ndjson');
    await page.goto(`/sweeps/${id}/curves`);
    await page.getByRole('heading', { name: 'Nothing is counted yet' }).waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel the sweep' }).click();
    await page.getByText('cancelled', { exact: true }).waitFor();
    house.aggregate();
    await page.getByRole('img', { name: /^Gap in percentage points/ }).waitFor();
  });
});
