import { useSyncExternalStore } from 'react';

/** The width below which the styles of a phone apply, as in layout.css. */
const NARROW = matchMedia('(max-width: 48rem)');
const subscribe = (notify: () => void): (() => void) => {
  NARROW.addEventListener('change', notify);
  return () => NARROW.removeEventListener('change', notify);
};

/** Whether the page is as narrow as a phone's. */
export const useNarrow = (): boolean => useSyncExternalStore(subscribe, () => NARROW.matches);
