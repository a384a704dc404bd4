import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BrowserContext, Page } from 'playwright-core';
import { backendsHere, type BenchStack, openBenchStack } from '../bench-support.ts';
import { launchBrowser, openProfile } from './browser.ts';

const FOLDER = path.resolve(import.meta.dirname, '../../docs/img');
const SIZE = { width: 1200, height: 760 };
const STUDY = {
  study: 'alignment-faking',
  options: { reasoning: ['scratchpad'], judge: 'sim/judge-exact', afVotes: 1, afThreshold: 0.5 },
};
const MODELS = ['sim/af-prompted', 'sim/no-effect', 'sim/sonnet35-like'];
/** Long enough that the lines of a lane show something, ms. */
const WORK_MS = 30_000;

/**
 * `npm run console -- screenshots`: runs two sweeps against the simulator and takes the pictures of the README, light and dark, from a real
 * browser. Takes two minutes.
 */
export async function takeScreenshots(): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  await using bench = await openBenchStack(backendsHere().includes('redis') ? 'redis' : 'embedded', { workers: 2 });
  const finished = await prepare(bench);
  await using browser = await launchBrowser();
  for (const colorScheme of ['light', 'dark'] as const) {
    const door = { url: bench.stack.url, key: bench.stack.adminKey };
    const context = await openProfile(browser, door, { colorScheme, viewport: SIZE, deviceScaleFactor: 1 });
    await shoot(context, finished, colorScheme);
    await context.close();
  }
}

/** One sweep that is finished, and one that keeps lanes busy. @returns the id of the first */
async function prepare({ api }: BenchStack): Promise<string> {
  const { id } = await api('POST', '/v1/sweeps', {
    name: 'Free against paid tier',
    ...STUDY,
    models: MODELS,
    samples: 1,
    seed: 7,
  });
  for (;;) {
    const { state } = await api('GET', `/v1/sweeps/${String(id)}`);
    if (state === 'completed') break;
    await sleep(500);
  }
  const limits = {
    requestsPerMinute: 300,
    inputTokensPerMinute: 400_000,
    outputTokensPerMinute: 200_000,
    maxInFlight: 20,
  };
  for (const [index, model] of MODELS.entries())
    await api('PUT', `/v1/lanes/${model}`, { ...limits, requestsPerMinute: limits.requestsPerMinute * (index + 1) });
  await api('POST', '/v1/sweeps', {
    name: 'Free against paid tier, again',
    ...STUDY,
    models: MODELS,
    samples: 20,
    seed: 8,
  });
  await sleep(WORK_MS);
  return String(id);
}

async function shoot(context: BrowserContext, id: string, colorScheme: string): Promise<void> {
  const page = await context.newPage();
  const take = async (name: string): Promise<void> => {
    // Whatever fades in or is still measured has come to rest.
    await sleep(1_500);
    await page.screenshot({ path: path.join(FOLDER, `console-${name}-${colorScheme}.png`) });
    console.log(`docs/img/console-${name}-${colorScheme}.png`);
  };
  await page.goto(`/sweeps/${id}`);
  await page.locator('.forest tbody tr').first().waitFor();
  await take('overview');
  await page.goto(`/sweeps/${id}/matrix`);
  await page.getByRole('application').waitFor();
  await take('matrix');
  await openPair(page, id);
  await take('pair');
  await page.goto('/ops/lanes');
  await page.getByRole('article').nth(2).waitFor();
  // The calls in flight are seen from now on.
  await sleep(12_000);
  await take('lanes');
  await page.close();
}

/** A trial of the model that fakes, beside the same prompt under the other condition. */
async function openPair(page: Page, id: string): Promise<void> {
  await page.goto(`/sweeps/${id}/transcripts?model=${MODELS[0]}&outcome=complied`);
  await page.locator('[id="trial-row-0"] .outcome').waitFor();
  await page.locator('[id="trial-row-0"]').click();
  await page
    .getByRole('group', { name: /^Visible answer/ })
    .first()
    .waitFor();
}
