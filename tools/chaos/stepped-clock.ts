/** The clock of a process that somebody sets. What asks for the time gets it by way of `Date`; timers and `performance.now` never moved. */
export type SteppedClock = {
  /** from now on the clock runs ahead of the true one by this, ms; behind it when negative */
  set: (aheadMs: number) => void;
  undo: () => void;
};

export function stepClock(): SteppedClock {
  const real = globalThis.Date;
  let aheadMs = 0;
  class Stepped extends real {
    constructor(...given: [] | [number | string | Date]) {
      super(...((given.length === 0 ? [real.now() + aheadMs] : given) as [number]));
    }
    static override now(): number {
      return real.now() + aheadMs;
    }
  }
  globalThis.Date = Stepped as DateConstructor;
  return {
    set: (next) => void (aheadMs = next),
    undo: () => void (globalThis.Date = real),
  };
}
