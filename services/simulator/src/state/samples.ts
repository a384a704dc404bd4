/** Numbers the samples of equal requests. A number whose answer was not delivered is given back and taken again. */
export type SampleCounters = {
  take(bodyKey: string): number;
  giveBack(bodyKey: string, sample: number): void;
  clear(): void;
};

type Counter = { next: number; returned: number[] };

/** Makes counters for up to `bodiesMax` different requests; beyond that the oldest begin at 0 again. */
export function makeSampleCounters(bodiesMax = 500_000): SampleCounters {
  const counters = new Map<string, Counter>();
  const counterOf = (bodyKey: string): Counter => {
    const known = counters.get(bodyKey);
    if (known !== undefined) return known;
    if (counters.size >= bodiesMax) counters.delete(counters.keys().next().value ?? '');
    const counter = { next: 0, returned: [] };
    counters.set(bodyKey, counter);
    return counter;
  };
  return {
    take(bodyKey) {
      const counter = counterOf(bodyKey);
      // The lowest one: delivered samples then are 0..n-1, whatever failed on the way.
      return counter.returned.shift() ?? counter.next++;
    },
    giveBack(bodyKey, sample) {
      const { returned } = counterOf(bodyKey);
      returned.push(sample);
      returned.sort((a, b) => a - b);
    },
    clear: () => counters.clear(),
  };
}
