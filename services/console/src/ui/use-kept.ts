import { useSyncExternalStore } from 'react';

const CHANGED = 'crosscheck:kept';

/** A text that this browser keeps under a name; whoever reads it on the page, or in another tab, hears of a change. */
export function useKept(name: string, first: string): [value: string, set: (value: string) => void] {
  const key = `crosscheck.${name}`;
  const value = useSyncExternalStore(subscribe, () => localStorage.getItem(key) ?? first);
  const set = (next: string) => {
    localStorage.setItem(key, next);
    window.dispatchEvent(new Event(CHANGED));
  };
  return [value, set];
}

function subscribe(notify: () => void): () => void {
  for (const kind of [CHANGED, 'storage']) window.addEventListener(kind, notify);
  return () => {
    for (const kind of [CHANGED, 'storage']) window.removeEventListener(kind, notify);
  };
}
