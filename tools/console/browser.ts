import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium } from 'playwright-core';

const PLACES = [process.env['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts a Chromium with nothing in its caches. @throws Error where the machine has none */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = PLACES.find((place) => place !== undefined && place !== '' && existsSync(place));
  if (executablePath === undefined)
    throw new Error('no Chromium here: install the package chromium, or name one in CHROMIUM');
  return chromium.launch({ executablePath, args: FLAGS });
}

/** A browser profile of its own, with a session of the console: caches and connections are shared with no other. */
export async function openProfile(
  browser: Browser,
  { url, key }: { url: string; key: string },
  options: BrowserContextOptions = {},
): Promise<BrowserContext> {
  const context = await browser.newContext({ baseURL: url, viewport: { width: 1280, height: 900 }, ...options });
  const answer = await context.request.post('/v1/session', {
    data: { key },
    headers: { 'x-crosscheck-csrf': '1', 'sec-fetch-site': 'same-origin' },
  });
  if (!answer.ok()) throw new Error(`signing in answered ${answer.status()}: ${await answer.text()}`);
  return context;
}
