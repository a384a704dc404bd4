import type { Page } from './wire.ts';

/** Every item of a list, page after page; a page is asked for when the one before is used up. */
export async function* eachItem<Item>(
  readPage: (after: string | undefined) => Promise<Page<Item>>,
): AsyncGenerator<Item, void, undefined> {
  let after: string | undefined;
  do {
    const page = await readPage(after);
    yield* page.items;
    after = page.next ?? undefined;
  } while (after !== undefined);
}
