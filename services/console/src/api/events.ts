import { useEffect } from 'react';
import { connection } from './connection.ts';

/** How long after a refusal a stream is asked for again. */
const RETRY_MS = 2_000;

/**
 * Follows server-sent events while the component is there: `onEvent` gets kind and data of each. The browser connects again by itself and says
 * with what it heard last, so nothing is missed; a stream that the api refused is tried anew every two seconds. A page
 * that nobody looks at follows nothing: a browser keeps no more than six connections to one host, and every tab would hold one.
 *
 * @param path null follows nothing
 */
export function useEvents(
  path: string | null,
  onEvent: (kind: string, data: unknown) => void,
  kinds: readonly string[],
): void {
  useEffect(() => {
    if (path === null) return;
    let source: EventSource | null = null;
    let retry: ReturnType<typeof setTimeout> | undefined;
    const open = () => {
      source = new EventSource(path);
      source.onopen = () => connection.report(path, false);
      source.onerror = () => {
        connection.report(path, true);
        if (source?.readyState !== EventSource.CLOSED) return;
        retry = setTimeout(open, RETRY_MS);
      };
      for (const kind of kinds) {
        source.addEventListener(kind, ({ data }: MessageEvent<string>) => onEvent(kind, JSON.parse(data)));
      }
    };
    const close = () => {
      clearTimeout(retry);
      source?.close();
      connection.report(path, false);
    };
    const follow = () => {
      close();
      if (!document.hidden) open();
    };
    follow();
    document.addEventListener('visibilitychange', follow);
    return () => {
      document.removeEventListener('visibilitychange', follow);
      close();
    };
    // The kinds of a stream are a constant of its view, and `onEvent` is kept by whoever follows.
  }, [path, onEvent, kinds]);
}
