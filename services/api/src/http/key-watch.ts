const LOOK_MS = 1_000;

export type KeyWatch = {
  /** Calls `end` once the key opens nothing any more. @returns what stops watching */
  watch(keyId: string, end: () => void): () => void;
  /** Looks now: some key was revoked. */
  look(): void;
  close(): void;
};

/**
 * Ends what outlives the check of a key, such as a stream of events, soon after the key was revoked or expired. All watched keys are asked
 * about in one statement a second, and none while nothing is watched.
 */
export function makeKeyWatch({ readOpen }: { readOpen: (keyIds: string[]) => Promise<Set<string>> }): KeyWatch {
  const watched = new Map<string, Set<() => void>>();
  let timer: NodeJS.Timeout | undefined;

  async function look(): Promise<void> {
    const ids = [...watched.keys()];
    if (ids.length === 0) return;
    const open = await readOpen(ids);
    for (const id of ids) if (!open.has(id)) for (const end of watched.get(id) ?? []) end();
  }

  /** A database that does not answer ends nothing: the next look decides. */
  const tryLook = (): void => void look().catch(() => {});

  return {
    watch(keyId, end) {
      const ends = watched.get(keyId) ?? new Set();
      watched.set(keyId, ends.add(end));
      timer ??= setInterval(tryLook, LOOK_MS).unref();
      return () => {
        ends.delete(end);
        if (ends.size === 0 && watched.get(keyId) === ends) watched.delete(keyId);
        if (watched.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      };
    },
    look: tryLook,
    close: () => clearInterval(timer),
  };
}
