/** Sums over sliding windows with their exact maxima: what a limit must never let pass. */
type SlidingSum = { add(atMs: number, amount: number): void; sumAt(nowMs: number): number; max(): number };

/** Makes the sum over the last `widthMs`. Amounts of one window are kept, nothing older. */
export function makeSlidingSum(widthMs: number): SlidingSum {
  let entries: { atMs: number; amount: number }[] = [];
  let head = 0;
  let sum = 0;
  let max = 0;
  const prune = (nowMs: number): void => {
    for (let first = entries[head]; first !== undefined && first.atMs <= nowMs - widthMs; first = entries[head]) {
      sum -= first.amount;
      head += 1;
    }
    // Dropping the dead front in large pieces keeps the cost of an arrival constant.
    if (head > 4_096 && head * 2 > entries.length) {
      entries = entries.slice(head);
      head = 0;
    }
  };
  return {
    add(atMs, amount) {
      prune(atMs);
      entries.push({ atMs, amount });
      sum += amount;
      max = Math.max(max, sum);
    },
    sumAt(nowMs) {
      prune(nowMs);
      return sum;
    },
    max: () => max,
  };
}

export type AdmissionCounters = {
  admitted(nowMs: number, tokens: number): void;
  /** Tokens admitted in the last minute, and in the minute before it. */
  minutes(nowMs: number): { last: number; before: number };
  report(): { admittedMaxPerSecond: number; admittedMaxPerMinute: number };
};

/** Makes the counters of one pool of one organization. */
export function makeAdmissionCounters(minuteMs: number): AdmissionCounters {
  const second = makeSlidingSum(minuteMs / 60);
  const minute = makeSlidingSum(minuteMs);
  const tokens = makeSlidingSum(minuteMs);
  const tokensTwice = makeSlidingSum(2 * minuteMs);
  return {
    admitted(nowMs, amount) {
      second.add(nowMs, 1);
      minute.add(nowMs, 1);
      tokens.add(nowMs, amount);
      tokensTwice.add(nowMs, amount);
    },
    minutes(nowMs) {
      const last = tokens.sumAt(nowMs);
      return { last, before: tokensTwice.sumAt(nowMs) - last };
    },
    report: () => ({ admittedMaxPerSecond: second.max(), admittedMaxPerMinute: minute.max() }),
  };
}
