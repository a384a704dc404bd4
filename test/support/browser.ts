import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, type TestContext } from 'node:test';
import type { AxeResults } from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { launchBrowser } from '../../tools/console/browser.ts';

const PLACES = [process.env['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executablePath = PLACES.find((place) => place !== undefined && place !== '' && existsSync(place));

/** Why tests with a browser are skipped here; false where there is one. */
export const noBrowser: string | false =
  executablePath === undefined ? 'no Chromium here: install the package chromium, or name one in CHROMIUM' : false;

export type Visit = {
  page: Page;
  context: BrowserContext;
  /** what the page complained of so far */ complaints: string[];
};

/** One for all tests of a process, because to start it costs more than most tests do: each has a profile of its own in it. */
const shared = makeSharedBrowser();
after(() => shared.close());

function makeSharedBrowser() {
  let launched: Promise<Browser> | undefined;
  return {
    open: () => (launched ??= launchBrowser()),
    close: async () => (await launched)?.close(),
  };
}

/** Opens a page in a browser profile of the test's own. Errors of scripts and refusals of the content policy are complaints. */
export async function openPage(
  t: TestContext,
  baseURL: string,
  { colorScheme = 'light', width = 1280 }: { colorScheme?: 'light' | 'dark'; width?: number } = {},
): Promise<Visit> {
  const browser = await shared.open();
  const context = await browser.newContext({ baseURL, colorScheme, viewport: { width, height: 900 } });
  t.after(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (/content.security.policy|refused to/i.test(message.text())) complaints.push(message.text());
  });
  return { page, context, complaints };
}

/** Signs in by the form and ends on the list of sweeps. */
export async function signIn(page: Page, key: string): Promise<void> {
  await page.goto('/');
  await page.getByLabel('API key').fill(key);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Sweeps' }).waitFor();
}

/** What axe finds on the page that keeps somebody from using it: rules of impact serious or critical, with the elements. */
export async function findBarriers(page: Page): Promise<string[]> {
  const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
  // By way of the inspector: the page's own policy runs no script but its own.
  await page.evaluate(await readFile(axe, 'utf8'));
  const { violations } = (await page.evaluate('axe.run()')) as AxeResults;
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`),
    );
}

/** By how much the page is wider than its window, px: what a reader would have to scroll sideways for. */
export async function findOverflow(page: Page): Promise<number> {
  return page.evaluate('Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)');
}
