import { gzipSync } from 'node:zlib';
import type { BrowserContext, Page, Response } from 'playwright-core';
import { jumpTo, markPaint, WATCH_SETTLED } from './in-page.ts';

/** The first number of a sweep that is worth looking at: a row of the contrasts. */
const USEFUL = '.forest tbody tr td';
const ROW_TARGETS = [0.5, 0.999, 0.12, 0.73, 0.31, 0.9, 0.02, 0.64];

/** What loading a page took: ms until its first number was painted, and bytes of JavaScript, gzipped. */
export type Paint = { ms: number; scriptBytes: number };

/** Loads the overview of a sweep in a profile that has loaded nothing before. */
export async function measurePaint(context: BrowserContext, sweepId: string): Promise<Paint> {
  const page = await context.newPage();
  const scripts: Response[] = [];
  page.on('response', (response) => {
    if (response.request().resourceType() === 'script') scripts.push(response);
  });
  await page.addInitScript({ content: markPaint(USEFUL) });
  await page.goto(`/sweeps/${sweepId}`, { waitUntil: 'commit' });
  const ms = (await page.evaluate('window.painted')) as number;
  await page.waitForLoadState('networkidle');
  const bodies = await Promise.all(scripts.map((script) => script.body()));
  const scriptBytes = bodies.reduce((sum, body) => sum + gzipSync(body).length, 0);
  await page.close();
  return { ms, scriptBytes };
}

/** Jumps through the list of transcripts. @returns ms of each until the row it went to could be read */
export async function measureJumps(context: BrowserContext, sweepId: string): Promise<number[]> {
  const page = await context.newPage();
  await page.goto(`/sweeps/${sweepId}/transcripts`);
  await page.locator('[id="trial-row-0"] .outcome').waitFor();
  const jumps: number[] = [];
  for (const share of ROW_TARGETS) jumps.push((await page.evaluate(jumpTo(share))) as number);
  await page.close();
  return jumps;
}

/** What an open page shows of a running sweep: when it first showed so many settled trials, epoch ms. */
export type Shown = { atMs: number; settled: number }[];

/** Notes what the page shows until it is told to stop. */
export async function watchSettled(page: Page, sweepId: string): Promise<{ stop: () => Promise<Shown> }> {
  await page.goto(`/sweeps/${sweepId}`);
  await page.getByText('trials settled').waitFor();
  await page.evaluate(WATCH_SETTLED);
  return { stop: () => page.evaluate('window.shownSettled') };
}
