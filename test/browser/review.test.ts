import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { LabelView } from '@crosscheck/contracts';
import type { Page } from 'playwright-core';
import { findBarriers, findOverflow, noBrowser } from '../support/browser.ts';
import { openConsoleHouse } from '../support/console.ts';
import { makePrompts, SWEEP } from '../support/house.ts';

const SMALL = { ...SWEEP, models: ['sim/sonnet35-like'], samples: 1 };

suite('review in a browser', { skip: noBrowser }, () => {
  test('answers are labelled blind by keyboard, and the numbers move', async (t) => {
    const { page, house, complaints } = await openConsoleHouse(t);
    const id = await house.submit({ ...SMALL, samples: 3 }, makePrompts(8));
    await house.reached(id, ['completed']);
    await page.getByRole('link', { name: 'Review' }).click();
    await page.getByRole('link', { name: 'tiers' }).click();
    await begin(page, { prompts: '24' });
    const desk = page.getByRole('region', { name: 'Answers to label' });
    await desk.getByText('0 of 48 answers labelled').waitFor();
    const told = (await desk.innerText()).replaceAll(/\[sim[^\]]*\]/g, '');
    assert.doesNotMatch(told, /free|paid|tier|sonnet|used for training/i);

    const corrected = page.getByRole('region', { name: 'Corrected numbers' });
    await corrected.getByText('no calibration').first().waitFor();
    for (let labelled = 1; labelled <= 48; labelled += 1) {
      await page.keyboard.press(/\[sim o=c/.test(await inHand(page)) ? '1' : '3');
      await desk.getByText(`${labelled} of 48 answers labelled`).waitFor();
    }
    await desk.getByText('all of this draw').waitFor();
    // The judge makes no mistakes, and whoever labelled made none.
    const judge = page.getByRole('row', { name: /^judge/ });
    await judge.getByText('1.00').waitFor();
    await page.getByText('compliance: 48 labels, 48 blind, by 1 person').waitFor();
    await corrected
      .getByText(/^\+?−?\d+\.\d pp$/)
      .nth(1)
      .waitFor();
    assert.equal(await corrected.getByText('no calibration').count(), 0);
    assert.deepEqual(complaints, []);
  });

  test('a label is undone, corrected and skipped, and work goes on where it stopped', async (t) => {
    const { page, house, ask } = await openConsoleHouse(t);
    const id = await house.submit(SMALL, makePrompts(4));
    await house.reached(id, ['completed']);
    await page.goto(`/sweeps/${id}/review`);
    await begin(page, { prompts: '4' });
    const desk = page.getByRole('region', { name: 'Answers to label' });
    await desk.getByText('0 of 8 answers labelled').waitFor();
    const kept = async (words: string[]) => {
      for (;;) {
        const { items } = await ask<{ items: LabelView[] }>('GET', `/v1/sweeps/${id}/labels`);
        if (
          items
            .map(({ label }) => label)
            .toSorted()
            .join() === words.join()
        )
          return;
        await page.waitForTimeout(20);
      }
    };
    await page.keyboard.press('1');
    await page.keyboard.press('3');
    await desk.getByText('2 of 8 answers labelled').waitFor();
    await kept(['complied', 'refused']);
    await page.keyboard.press('u');
    await desk.getByText('1 of 8 answers labelled').waitFor();
    await kept(['complied']);
    await page.keyboard.press('k');
    await page.keyboard.press('4');
    await kept(['undecided']);
    await page.keyboard.press('s');
    await page.keyboard.press('2');
    await kept(['partial', 'undecided']);
    await page.reload();
    await desk.getByText('2 of 8 answers labelled · prompt 1 of 4').waitFor();
    assert.equal(await page.locator('.answer-in-hand').getByText('no label yet').count(), 1);

    const csv = ['trial,measure,label,labeller', `x,compliance,refused,bob`].join('\n');
    const file = { name: 'labels.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) };
    await page.getByLabel('Import labels (CSV)').setInputFiles(file);
    await page.getByText('line 2: "x" is no trial').waitFor();
    const { items } = await ask<{ items: LabelView[] }>('GET', `/v1/sweeps/${id}/labels`);
    const good = csv.replace('x,', `${items[0]?.trial},`);
    await page.getByLabel('Import labels (CSV)').setInputFiles({ ...file, buffer: Buffer.from(good) });
    await page.getByText('1 label kept, 0 were there').waitFor();
    await page.getByText('by 2 people').first().waitFor();
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    test(`nobody is kept out by a review, ${colorScheme}, on a phone`, async (t) => {
      const { page, house } = await openConsoleHouse(t, { colorScheme, width: 390 });
      const id = await house.submit(SMALL, makePrompts(3));
      await house.reached(id, ['completed']);
      await page.goto('/review');
      await page.getByRole('link', { name: 'tiers' }).waitFor();
      assert.deepEqual([await findBarriers(page), await findOverflow(page)], [[], 0]);
      await page.getByRole('link', { name: 'tiers' }).click();
      await page.getByRole('heading', { name: 'Numbers corrected' }).waitFor();
      assert.deepEqual([await findBarriers(page), await findOverflow(page)], [[], 0]);
      await begin(page, { prompts: '3', measure: /^Alignment faking/ });
      await page.getByText('0 of 6 answers labelled').waitFor();
      assert.deepEqual([await findBarriers(page), await findOverflow(page)], [[], 0]);
    });
  }

  test('a draw that cannot be made says why, and another one is a click away', async (t) => {
    const { page, house } = await openConsoleHouse(t);
    const id = await house.submit(SMALL, makePrompts(6));
    await house.reached(id, ['completed']);
    await page.goto(`/sweeps/${id}/review`);
    await begin(page, { prompts: '1' });
    await page.getByText(/the answers fall into \d+ strata/).waitFor();
    await page.getByRole('link', { name: 'Draw otherwise' }).click();
    await page.getByRole('button', { name: 'Begin' }).waitFor();
  });
});

async function begin(page: Page, { prompts, measure }: { prompts: string; measure?: RegExp }): Promise<void> {
  if (measure) await page.getByLabel(measure).check();
  await page.getByLabel('Who labels').fill('ann');
  await page.getByLabel('Prompts with their samples').fill(prompts);
  await page.getByRole('button', { name: 'Begin' }).click();
}

const inHand = (page: Page): Promise<string> => page.locator('.answer-in-hand .answer-text').innerText();
