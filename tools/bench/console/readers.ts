import { setTimeout as sleep } from 'node:timers/promises';
import type { BrowserContext } from 'playwright-core';

type Asked = { path: string; times: number; isStream: boolean };

/** What an open page of a running sweep asks of the api in `forMs`, as a browser shows it. */
export async function recordPage(context: BrowserContext, sweepId: string, forMs: number): Promise<Asked[]> {
  const page = await context.newPage();
  await page.goto(`/sweeps/${sweepId}`);
  await page.getByText('trials settled').waitFor();
  const asked = new Map<string, Asked>();
  page.on('request', (request) => {
    const { pathname, search } = new URL(request.url());
    const path = pathname + search;
    const { times = 0 } = asked.get(path) ?? {};
    if (pathname.startsWith('/v1/')) asked.set(path, { path, times: times + 1, isStream: false });
  });
  await sleep(forMs);
  await page.close();
  // The stream was opened before and stays.
  return [...asked.values(), { path: `/v1/sweeps/${sweepId}/events`, times: 1, isStream: true }];
}

/** Readers that ask what an open page asks, as often, and follow the same stream. */
export function openReaders(
  { url, adminKey }: { url: string; adminKey: string },
  { readers, asked, forMs }: { readers: number; asked: Asked[]; forMs: number },
): { close: () => Promise<void> } {
  const done = new AbortController();
  const headers = { authorization: `Bearer ${adminKey}` };
  const follow = async (path: string): Promise<void> => {
    const answer = await fetch(url + path, { headers, signal: done.signal });
    for await (const chunk of answer.body ?? []) void chunk;
  };
  const poll = async ({ path, times }: Asked, reader: number): Promise<void> => {
    const everyMs = forMs / times;
    // People do not open their pages in the same moment.
    await sleep((everyMs * reader) / readers, undefined, { signal: done.signal });
    for (;;) {
      await (await fetch(url + path, { headers, signal: done.signal })).arrayBuffer();
      await sleep(everyMs, undefined, { signal: done.signal });
    }
  };
  const running = Array.from({ length: readers }, (_, reader) =>
    asked.map((one) => (one.isStream ? follow(one.path) : poll(one, reader)).catch(ifAborted)),
  ).flat();
  return {
    async close() {
      done.abort();
      await Promise.all(running);
    },
  };

  function ifAborted(error: unknown): void {
    if (!done.signal.aborted) throw error;
  }
}
