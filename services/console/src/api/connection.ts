/** Which event streams of this page are cut at the moment. One page has few, and they say so here by their address. */
function makeConnection(): {
  report: (stream: string, lost: boolean) => void;
  isLost: () => boolean;
  subscribe: (notify: () => void) => () => void;
} {
  const lost = new Set<string>();
  const listeners = new Set<() => void>();
  return {
    report(stream, isLost) {
      if (lost.has(stream) === isLost) return;
      if (isLost) lost.add(stream);
      else lost.delete(stream);
      for (const notify of listeners) notify();
    },
    isLost: () => lost.size > 0,
    subscribe(notify) {
      listeners.add(notify);
      return () => listeners.delete(notify);
    },
  };
}

export const connection = makeConnection();
