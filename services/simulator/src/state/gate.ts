/** How many requests a server without rate limits works on at once; the others wait in the order of their arrival. */
export type Gate = {
  /** Resolves with the function that lets the next one in, or with null when the client left while it waited. */
  enter(signal: AbortSignal): Promise<(() => void) | null>;
  waiting(): number;
};

/** Makes a gate. `widthMax` is asked on every change, so that it can be changed while requests wait. */
export function makeGate(widthMax: () => number): Gate {
  let inside = 0;
  const queue: { admit: () => void; signal: AbortSignal }[] = [];
  const admitNext = (): void => {
    while (inside < widthMax()) {
      const next = queue.shift();
      if (next === undefined) return;
      if (next.signal.aborted) continue;
      inside += 1;
      next.admit();
    }
  };
  return {
    enter(signal) {
      return new Promise((resolve) => {
        let left = false;
        const leave = (): void => {
          if (left) return;
          left = true;
          inside -= 1;
          admitNext();
        };
        queue.push({ admit: () => resolve(leave), signal });
        signal.addEventListener('abort', () => resolve(null), { once: true });
        admitNext();
      });
    },
    waiting: () => queue.length,
  };
}
