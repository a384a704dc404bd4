import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { openStack, type Stack } from '../../tools/stack.ts';
import { findBarriers, noBrowser, openPage, signIn, type Visit } from '../support/browser.ts';
import { openDatabase } from '../support/postgres.ts';

const KEY = 'xck_a_key_of_the_browser_tests_0123456789ab';
const HOSTILE = '<img src=x onerror=alert(1)>\u202Egnp.exe';

test('the console in a browser', { skip: noBrowser, timeout: 240_000 }, async (t) => {
  // One for all of them: to start every service takes longer than each test does.
  const stack = await openCrosscheck(t);

  await t.test('a sweep is submitted from the form and finishes before the eyes of who submitted it', async (t) => {
    const { page, complaints } = await openConsole(t, stack);
    await page.getByRole('link', { name: 'New sweep' }).first().click();
    await page.getByRole('button', { name: 'Submit the sweep' }).and(page.locator(':enabled')).click();
    await page.getByRole('heading', { name: 'watched or not' }).waitFor();
    await page.getByText('completed', { exact: true }).waitFor({ timeout: 60_000 });
    await page.getByText('8 of 8 trials settled').waitFor();
    await page.getByRole('row', { name: /watched − unwatched/ }).waitFor();
    await page.getByText('Nothing here is evidence about a real model').waitFor();
    await page.getByRole('link', { name: 'Matrix' }).click();
    await page.getByText('2 prompts × 2 columns').waitFor();
    await page.getByRole('link', { name: 'Methods' }).click();
    await page.getByText(/Each of 2 prompts/).waitFor();
    assert.deepEqual(complaints, []);
  });

  await t.test('what does not fit the schema is marked in its line, and cannot be submitted', async (t) => {
    const { page } = await openConsole(t, stack);
    await page.goto('/sweeps/new');
    const editor = page.getByLabel('The sweep, in YAML or JSON');
    await editor.fill('name: x\nmodels:\n  - sim/no-effect\nsamples: none\n');
    await page.getByText('Line 4:').waitFor();
    assert.ok(await page.getByRole('button', { name: 'Submit the sweep' }).isDisabled());
    await editor.fill('name: x\n  models: [');
    await page
      .getByText(/Line \d:/)
      .first()
      .waitFor();
  });

  await t.test('a wrong key opens nothing, and a link leads through the door to where it points', async (t) => {
    const { page } = await openPage(t, stack.url);
    await page.goto('/sweeps?state=running');
    await page.getByLabel('API key').fill('xck_wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('this API key is not known').waitFor();
    await page.getByLabel('API key').fill(KEY);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'No sweep fits' }).waitFor();
    assert.equal(new URL(page.url()).search, '?state=running');
  });

  await t.test('a name that is markup is shown as text, and nobody is kept out by a page', async (t) => {
    const { page, complaints } = await openConsole(t, stack);
    const id = await importSweep(stack, HOSTILE);
    for (const url of ['/sweeps', `/sweeps/${id}`, `/sweeps/${id}/matrix`, `/sweeps/${id}/methods`, '/sweeps/new']) {
      await page.goto(url);
      await page.getByRole('heading').first().waitFor();
      if (url.includes(id)) await page.getByRole('heading', { name: /<img src=x/ }).waitFor();
      assert.equal(await page.locator('img[src="x"]').count(), 0);
      assert.deepEqual(await findBarriers(page), [], url);
    }
    assert.deepEqual(complaints, []);
  });
});

async function openCrosscheck(t: TestContext): Promise<Stack> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'crosscheck-browser-'));
  const { url } = await openDatabase(t);
  const output = new PassThrough();
  output.resume();
  const stack = await openStack({
    env: {
      ...process.env,
      CROSSCHECK_PORT: '0',
      CROSSCHECK_DATA_DIR: dataDir,
      CROSSCHECK_ADMIN_KEY: KEY,
      DATABASE_URL: url,
      REDIS_URL: '',
      LOG_LEVEL: 'error',
    },
    output,
  });
  t.after(async () => {
    await stack.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  return stack;
}

async function openConsole(t: TestContext, { url }: Stack): Promise<Visit> {
  const visit = await openPage(t, url);
  await signIn(visit.page, KEY);
  return visit;
}

/** @returns its id */
async function importSweep({ url }: Stack, name: string): Promise<string> {
  const lines = [
    {
      type: 'sweep',
      name,
      conditions: [{ id: 'free' }, { id: 'paid' }],
      models: ['m'],
      contrasts: [{ treatment: 'free', control: 'paid' }],
    },
    ...Array.from({ length: 40 }, (_, index) => ({
      type: 'trial',
      prompt: `p${index >> 1}`,
      condition: index % 2 === 0 ? 'free' : 'paid',
      model: 'm',
      sample: 0,
      outcome: index % 3 === 0 ? 'complied' : 'refused',
      response: HOSTILE,
    })),
  ];
  const answer = await fetch(`${url}/v1/imports`, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/x-ndjson' },
    body: lines.map((line) => JSON.stringify(line)).join('\n'),
  });
  const { id } = (await answer.json()) as { id: string };
  return id;
}
