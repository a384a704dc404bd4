import { useState } from 'react';

/** A text that this browser keeps under a name. */
export function useKept(name: string, first: string): [value: string, set: (value: string) => void] {
  const key = `crosscheck.${name}`;
  const [value, setValue] = useState(() => localStorage.getItem(key) ?? first);
  const set = (next: string) => {
    localStorage.setItem(key, next);
    setValue(next);
  };
  return [value, set];
}
