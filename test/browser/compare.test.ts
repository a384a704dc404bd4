import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { findBarriers, findOverflow, noBrowser } from '../support/browser.ts';
import { type ConsoleHouse, openConsoleHouse } from '../support/console.ts';

const MODELS = ['family-100', 'family-2000'];

suite('two sweeps in a browser', { skip: noBrowser }, () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    test(`a paired gap, its interval and what differs are shown, ${colorScheme}`, async (t) => {
      const console = await openConsoleHouse(t, { colorScheme });
      const { page, complaints } = console;
      const [a, b] = [await importSweep(console, 'first', 3), await importSweep(console, 'second', 2, 22)];
      await page.goto(`/sweeps/${a}`);
      await page.getByText('Share', { exact: true }).click();
      await page.getByRole('link', { name: 'Compare with another sweep' }).click();
      await page.getByRole('heading', { name: 'Choose two sweeps' }).waitFor();
      await page.getByRole('combobox', { name: 'B', exact: true }).selectOption(b);
      assert.equal(new URL(page.url()).search, `?a=${a}&b=${b}`);
      const row = page.getByRole('row', { name: /^free family-100/ });
      await row.getByRole('img', { name: /pp, interval/ }).waitFor();
      await row.getByText('20').first().waitFor();
      await row.getByText('0 incomplete').waitFor();
      await page.getByText('Only in B: 2 prompts').waitFor();
      await page.getByRole('heading', { name: 'What differs' }).waitFor();
      assert.deepEqual(await findBarriers(page), []);
      await page.setViewportSize({ width: 390, height: 844 });
      assert.equal(await findOverflow(page), 0);
      assert.deepEqual(complaints, []);
    });
  }

  test('checkpoints of a family are curves, with the table of their numbers', async (t) => {
    const console = await openConsoleHouse(t);
    const { page, complaints } = console;
    const id = await importSweep(console, 'checkpoints', 3);
    await page.goto(`/sweeps/${id}`);
    await page.getByRole('link', { name: 'Curves' }).click();
    const curves = page.getByRole('img', { name: /over steps|first step/ });
    await curves.nth(2).locator('svg circle').first().waitFor();
    assert.equal(await page.locator('.curve-plot style').count(), 0);
    await page
      .getByRole('row', { name: /^2,000 family-2000/ })
      .first()
      .waitFor();
    assert.deepEqual(await findBarriers(page), []);
    await page.setViewportSize({ width: 390, height: 844 });
    assert.equal(await findOverflow(page), 0);
    assert.deepEqual(complaints, []);
  });

  test('a sweep without checkpoints has no such tab, and the address says what it takes', async (t) => {
    const console = await openConsoleHouse(t);
    const { page } = console;
    const id = await importSweep(console, 'plain', 3, 20, false);
    await page.goto(`/sweeps/${id}/curves`);
    await page.getByRole('heading', { name: 'No model of this sweep is a checkpoint' }).waitFor();
    assert.equal(await page.getByRole('link', { name: 'Curves' }).count(), 0);
    await page.goto(`/compare?a=${id}&b=0198c000-0000-7000-8000-000000000000`);
    await page.getByRole('alert').getByText('SWEEP_UNKNOWN').waitFor();
  });
});

/** Every `nth` trial complied. @returns its id */
async function importSweep(
  { ask }: ConsoleHouse,
  name: string,
  nth: number,
  prompts = 20,
  hasSteps = true,
): Promise<string> {
  const modelLabels = Object.fromEntries(
    MODELS.map((model) => [model, { family: 'family', step: Number(model.split('-')[1]) }]),
  );
  const conditions = ['free', 'paid'];
  const trials = Array.from({ length: prompts }, (_, prompt) =>
    MODELS.flatMap((model, m) =>
      conditions.map((condition, c) => ({
        type: 'trial',
        prompt: `p${prompt}`,
        condition,
        model,
        sample: 0,
        outcome: (prompt + m + c) % nth === 0 ? 'complied' : 'refused',
      })),
    ),
  ).flat();
  const header = {
    type: 'sweep',
    name,
    conditions: conditions.map((id) => ({ id })),
    models: MODELS,
    contrasts: [{ treatment: 'free', control: 'paid' }],
    ...(hasSteps ? { modelLabels } : {}),
  };
  const body = [header, ...trials].map((line) => JSON.stringify(line)).join('\n');
  return (await ask<{ id: string }>('POST', '/v1/imports', body, 'application/x-ndjson')).id;
}
