/** How often in a row the same thing was seen, by key. */
export type Streaks = {
  /** @returns how often in a row `value` was seen under `key`, this time included */
  see(key: string, value: string): number;
  /** Forgets a key: its next streak begins at one. */
  end(key: string): void;
};

export function makeStreaks(): Streaks {
  const streaks = new Map<string, { value: string; length: number }>();
  return {
    see(key, value) {
      const known = streaks.get(key);
      const length = known?.value === value ? known.length + 1 : 1;
      streaks.set(key, { value, length });
      return length;
    },
    end: (key) => void streaks.delete(key),
  };
}
