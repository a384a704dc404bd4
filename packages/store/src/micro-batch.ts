export type MicroBatcher<Item> = {
  /** Resolves once the batch that holds the item is committed; rejects with what the item itself did wrong. */
  add(item: Item): Promise<void>;
  /** Flushes what is there and waits for it. */
  drain(): Promise<void>;
};

type Waiting<Item> = { item: Item; resolve: () => void; reject: (error: unknown) => void };

export type MicroBatchOptions<Item> = {
  /** writes all items or none */
  write: (items: Item[]) => Promise<void>;
  /** two items of one key never share a batch: the second waits for the next one */
  keyOf: (item: Item) => string;
  itemsMax: number;
  waitMs: number;
};

/**
 * Gathers single writes into batches: at most `itemsMax` items, at most `waitMs` after the first. While one batch is being written the next
 * one grows, so that a slow database makes larger batches and not more of them. When a batch is refused, its items are written one by one:
 * one bad item never takes others with it.
 */
export function makeMicroBatcher<Item>({
  write,
  keyOf,
  itemsMax,
  waitMs,
}: MicroBatchOptions<Item>): MicroBatcher<Item> {
  let waiting: Waiting<Item>[] = [];
  let writing: Promise<void> | null = null;
  let timer: NodeJS.Timeout | undefined;

  function takeBatch(): Waiting<Item>[] {
    const keys = new Set<string>();
    const batch: Waiting<Item>[] = [];
    const left: Waiting<Item>[] = [];
    for (const entry of waiting) {
      const key = keyOf(entry.item);
      if (batch.length >= itemsMax || keys.has(key)) left.push(entry);
      else {
        keys.add(key);
        batch.push(entry);
      }
    }
    waiting = left;
    return batch;
  }

  async function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    if (writing) return writing;
    const batch = takeBatch();
    if (batch.length === 0) return;
    writing = writeAll(batch).finally(() => {
      writing = null;
      if (waiting.length > 0) void flush();
    });
    await writing;
  }

  async function writeAll(batch: Waiting<Item>[]): Promise<void> {
    try {
      await write(batch.map(({ item }) => item));
      for (const { resolve } of batch) resolve();
    } catch (error) {
      if (batch.length === 1) batch[0]?.reject(error);
      else for (const entry of batch) await writeAll([entry]);
    }
  }

  return {
    add(item) {
      return new Promise((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        if (waiting.length >= itemsMax) void flush();
        else timer ??= setTimeout(() => void flush(), waitMs);
      });
    },
    async drain() {
      while (waiting.length > 0 || writing) await flush();
    },
  };
}
