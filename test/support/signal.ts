/** Something that a test waits for by name. Values that come before anybody waits are kept, in order. */
export type Signal<T> = {
  emit: (value: T) => void;
  /** @throws naming the signal when it stays out for its time */
  next: () => Promise<T>;
  /** how many values were emitted and not yet taken */
  waiting: () => number;
};

export function makeSignal<T = void>(name: string, { timeoutMs = 10_000 }: { timeoutMs?: number } = {}): Signal<T> {
  const kept: T[] = [];
  const takers: ((value: T) => void)[] = [];
  return {
    waiting: () => kept.length,
    emit(value) {
      const take = takers.shift();
      if (take) take(value);
      else kept.push(value);
    },
    next() {
      if (kept.length > 0) return Promise.resolve(kept.shift() as T);
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      const taker = (value: T) => {
        clearTimeout(late);
        resolve(value);
      };
      const late = setTimeout(() => {
        takers.splice(takers.indexOf(taker), 1);
        reject(new Error(`the signal "${name}" did not come within ${timeoutMs} ms`));
      }, timeoutMs);
      takers.push(taker);
      return promise;
    },
  };
}
