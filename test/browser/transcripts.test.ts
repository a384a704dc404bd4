import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { findBarriers, findOverflow, noBrowser } from '../support/browser.ts';
import { type ConsoleHouse, openConsoleHouse } from '../support/console.ts';
import { makePrompts, SWEEP } from '../support/house.ts';

const SMALL = { ...SWEEP, models: ['sim/sonnet35-like'], samples: 2 };
const HOSTILE = [
  '<script>window.ranScript = true</script><img src=x onerror="window.ranScript = true">',
  '\u001B[2J\u001B[31mred\u001B]8;;http://evil.example\u0007link',
  '\u202Egnp.exe\u2066\u200B hidden',
  '</pre></div></body><style>body{display:none}</style>javascript:alert(1)',
].join('\n');
const HUGE = `${'<b onclick=alert(1)>\u202E😀\u001B[1m'.repeat(40_000)}${'a'.repeat(600_000)} the end of it`;

suite('transcripts in a browser', { skip: noBrowser }, () => {
  test('a cell of the matrix leads to its transcripts, and a transcript to the next one, without a mouse', async (t) => {
    const { page, house, complaints } = await openConsoleHouse(t);
    const id = await house.submit(SMALL, makePrompts(6));
    await house.reached(id, ['completed']);
    await page.goto(`/sweeps/${id}/matrix`);
    await page.getByRole('application').click({ position: { x: 20, y: 5 } });
    await page.waitForURL(/\/transcripts\?prompt=p\d&condition=free/);
    await page.getByText('2 of 24 trials fit').waitFor();
    await page.getByRole('row').first().click();
    await page.getByRole('heading', { name: /^p\d$/ }).waitFor();
    for (const condition of ['free', 'paid']) {
      await page
        .getByRole('group', { name: `Visible answer, ${condition}` })
        .getByText('[sim o=')
        .waitFor();
    }
    await page.getByRole('group', { name: 'What was sent, free' }).locator('.mark-differs').first().waitFor();
    await page.getByText('is what was sent').first().waitFor();
    await page.getByText('1 of 2', { exact: true }).first().waitFor();
    await page.keyboard.press('j');
    await page.getByText('2 of 2', { exact: true }).first().waitFor();
    // Samples lie in the list in their drawn order; these keys go by their number.
    const sample = page.getByLabel('Sample');
    const other = (await sample.inputValue()) === '0' ? '1' : '0';
    await page.keyboard.press(other === '0' ? '[' : ']');
    await page.getByText('1 of 2', { exact: true }).first().waitFor();
    assert.equal(await sample.inputValue(), other);
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys of this page' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('u');
    await page.getByText('2 of 24 trials fit').waitFor();
    assert.deepEqual(complaints, []);
  });

  test('a label given in a pair counts for the judge', async (t) => {
    const { page, house } = await openConsoleHouse(t);
    const id = await house.submit(SMALL, makePrompts(2));
    await house.reached(id, ['completed']);
    await page.goto(`/sweeps/${id}/transcripts`);
    await page.getByRole('row').first().click();
    await page.getByLabel('Labelling as').fill('ann');
    const said = page.getByRole('group', { name: /^Labels of people/ }).first();
    await said.getByRole('button', { name: 'refused' }).click();
    await said.getByText('compliance by ann').waitFor();
    await said.getByRole('button', { name: 'complied' }).click();
    await said.getByRole('button', { name: 'complied', pressed: true }).waitFor();
    await page.goto(`/sweeps/${id}/review`);
    await page.getByText('compliance: 1 label, 0 blind, by 1 person').waitFor();
  });

  test('any row of a long list is a jump away, and what narrows it is in the address', async (t) => {
    const opened = await openConsoleHouse(t);
    const { page } = opened;
    const id = await importSweep(opened, 12_000, (index) => `answer number ${index}`);
    await page.goto(`/sweeps/${id}/transcripts`);
    await page.getByText('12,000 trials').waitFor();
    await page.getByLabel('Go to row').fill('9,000');
    await page.getByRole('button', { name: 'Go', exact: true }).click();
    await page.getByText('answer number 8999').waitFor();
    await page.keyboard.press('End');
    await page.getByText('answer number 11999').waitFor();
    assert.ok((await page.getByRole('row').count()) < 100, 'what is not in sight is not in the page');
    await page.getByLabel('Text in answers').fill('NUMBER 777');
    await page.getByText('11 of 12,000 trials fit').waitFor();
    assert.equal(await page.locator('.mark-hit').first().textContent(), 'number 777');
    await page.getByLabel('Condition').selectOption('paid');
    await page.getByText('6 of 12,000 trials fit').waitFor();
    assert.equal(new URL(page.url()).search, '?text=NUMBER+777&condition=paid');
    await page.goto(`/sweeps/${id}/transcripts?outcome=refused&row=100`);
    await page.locator('#trial-row-99.trial-row-at').waitFor();
    await page.getByLabel('Prompt').fill('nobody');
    await page.getByText('the sweep has no prompt "nobody"').waitFor();
  });

  test('hostile answers are shown, and do nothing', async (t) => {
    const opened = await openConsoleHouse(t, { width: 390 });
    const { page, complaints } = opened;
    let dialogs = 0;
    page.on('dialog', (dialog) => {
      dialogs += 1;
      void dialog.dismiss();
    });
    const id = await importSweep(opened, 4, (index) => (index < 2 ? HOSTILE : HUGE));
    await page.goto(`/sweeps/${id}/transcripts`);
    await page.getByText('<script>').first().waitFor();
    assert.equal(await findOverflow(page), 0, 'the list is no wider than the page');
    await page.getByRole('row').first().click();
    const answer = page.getByRole('group', { name: 'Visible answer, free' });
    await answer.getByText('␛[2J␛[31mred␛]8;;http://evil.example␇link').waitFor();
    await answer.getByText('⟨U+202E⟩gnp.exe⟨U+2066⟩⟨U+200B⟩ hidden').waitFor();
    // Faster than the texts come: every press counts.
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.getByText('3 of 4', { exact: true }).waitFor();
    await answer.getByRole('button', { name: /Show all 1\.\d MB/ }).waitFor();
    const startedMs = performance.now();
    await answer.getByRole('button', { name: /Show all/ }).click();
    await answer.getByText('the end of it').waitFor({ state: 'attached' });
    assert.ok(performance.now() - startedMs < 5_000, 'two megabytes do not freeze the page');
    assert.equal(await findOverflow(page), 0, 'the answer is no wider than the page');
    assert.equal(await page.evaluate('window.ranScript'), undefined);
    assert.equal(await page.locator('img[src="x"], script:not([src])').count(), 0);
    assert.deepEqual([dialogs, complaints], [0, []]);
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    test(`nobody is kept out by transcripts, ${colorScheme}`, async (t) => {
      const { page, house } = await openConsoleHouse(t, { colorScheme });
      const id = await house.submit(SMALL, makePrompts(2));
      await house.reached(id, ['completed']);
      await page.goto(`/sweeps/${id}/transcripts?text=sim`);
      await page.locator('.cell-prompt').first().waitFor();
      assert.deepEqual(await findBarriers(page), []);
      await page.getByRole('row').first().click();
      await page.getByRole('heading', { name: 'Verdicts' }).waitFor();
      await page.locator('.mark-differs').first().waitFor();
      assert.deepEqual(await findBarriers(page), []);
    });
  }

  test('a phone shows the pair one below the other, and what is not there is said', async (t) => {
    const { page, house, context } = await openConsoleHouse(t, { width: 390 });
    const id = await house.submit(SMALL, makePrompts(2));
    await house.reached(id, ['completed']);
    await page.goto(`/sweeps/${id}/transcripts`);
    await page.getByRole('row').first().click();
    await page.getByRole('heading', { name: 'Calls' }).waitFor();
    assert.equal(await findOverflow(page), 0);
    await page.goto(`/sweeps/${id}/trials/999999999`);
    await page.getByText('there is no trial 999999999').waitFor();
    await page.goto(`/sweeps/${id}/transcripts?outcome=truncated`);
    await page.getByRole('heading', { name: 'No trial fits' }).waitFor();
    await context.setOffline(true);
    await page.getByRole('link', { name: 'Show all' }).click();
    await page.getByText('Connection lost').waitFor();
    await context.setOffline(false);
    await page.getByText('8 trials', { exact: true }).waitFor();
  });
});

/** An import of two conditions in turn; every third trial complied. @returns its id */
async function importSweep(
  { ask }: ConsoleHouse,
  trials: number,
  responseOf: (index: number) => string,
): Promise<string> {
  const conditions = ['free', 'paid'];
  const lines = [
    {
      type: 'sweep',
      name: 'imported',
      conditions: conditions.map((id) => ({ id })),
      models: ['m'],
      contrasts: [{ treatment: 'free', control: 'paid' }],
    },
    ...Array.from({ length: trials }, (_, index) => ({
      type: 'trial',
      prompt: `p${index >> 1}`,
      condition: conditions[index % 2],
      model: 'm',
      sample: 0,
      outcome: index % 3 === 0 ? 'complied' : 'refused',
      response: responseOf(index),
    })),
  ];
  const body = lines.map((line) => JSON.stringify(line)).join('\n');
  return (await ask<{ id: string }>('POST', '/v1/imports', body, 'application/x-ndjson')).id;
}
