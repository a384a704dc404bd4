import { useEffect } from 'react';

/** Names the page in the tab and in the history. */
export function useTitle(title: string | undefined): void {
  useEffect(() => {
    if (title !== undefined) document.title = `${title} · Crosscheck`;
  }, [title]);
}
