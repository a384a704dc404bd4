import { useEffect } from 'react';
import { connection } from './connection.ts';

/** A stream that heard nothing for this long is taken for cut, although the browser may not have noticed; the api says something every 15 s. */
const RETRY_MS = 2_000;

/**
 * Follows server-sent events while the component is there: `onEvent` gets kind and data of each. The browser connects again by itself and says
 * with what it heard last, so nothing is missed; a stream that the api refused is tried anew every two seconds.
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
    open();
    return () => {
      clearTimeout(retry);
      source?.close();
      connection.report(path, false);
    };
    // The kinds of a stream are a constant of its view, and `onEvent` is kept by whoever follows.
  }, [path, onEvent, kinds]);
}
