/** A line of callers of which one at a time has its turn. */
export type Turns = {
  /** Waits for the turn; false when aborted before it came. Who got true must `pass`. */
  take(signal: AbortSignal): Promise<boolean>;
  pass(): void;
};

export function makeTurns(): Turns {
  const line = new Set<() => void>();
  let taken = false;

  return {
    take(signal) {
      if (signal.aborted) return Promise.resolve(false);
      if (!taken) {
        taken = true;
        return Promise.resolve(true);
      }
      const { promise, resolve } = Promise.withResolvers<boolean>();
      const call = (): void => {
        signal.removeEventListener('abort', leave);
        resolve(true);
      };
      const leave = (): void => {
        line.delete(call);
        resolve(false);
      };
      line.add(call);
      signal.addEventListener('abort', leave, { once: true });
      return promise;
    },
    pass() {
      const [next] = line;
      if (!next) {
        taken = false;
        return;
      }
      line.delete(next);
      next();
    },
  };
}
