import type { HumanLabelWord, Review, ReviewItem } from '@crosscheck/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { afterLabel, labelItem, takeBack } from '../api/labels.ts';
import { type DrawOf, reviewQuery } from '../api/review.ts';

/** What a label is until the api has given it an id. */
const PENDING = '';
/** Judges are measured anew at most this often: who labels presses a key a second. */
const MEASURE_AFTER_MS = 700;

export type Desk = {
  items: ReviewItem[];
  /** the item in hand */
  at: number;
  labelled: number;
  error: Error | null;
  canUndo: boolean;
  go: (index: number) => void;
  say: (label: HumanLabelWord) => void;
  undo: () => void;
};

/**
 * The work of a labeller on one draw. A label is there at once and sent behind it, one after the other, so that keys never wait for the network;
 * one that is refused is taken off again and its item comes back. Another label for an item replaces the first.
 */
export function useDesk(sweepId: string, draw: DrawOf, { items }: Review): Desk {
  const client = useQueryClient();
  const [at, setAt] = useState(() =>
    Math.max(
      0,
      items.findIndex(({ own }) => own === null),
    ),
  );
  const [history, setHistory] = useState<number[]>([]);
  const measure = useLater(() => afterLabel(client, sweepId), MEASURE_AFTER_MS);
  const { queryKey } = reviewQuery(sweepId, draw);
  const ownOf = (index: number) => client.getQueryData(queryKey)?.items[index]?.own ?? null;
  const setOwn = (index: number, own: ReviewItem['own']) =>
    client.setQueryData(
      queryKey,
      (before) =>
        before && { ...before, items: before.items.map((item, place) => (place === index ? { ...item, own } : item)) },
    );
  /** What the api has kept of each item, whatever is shown meanwhile. */
  const kept = useRef(new Map(items.flatMap(({ own }, index) => (own ? [[index, own.id]] : []))));
  const send = useMutation({
    // One at a time: the label that replaces another is sent when the first one is gone.
    scope: { id: `labels ${sweepId}` },
    mutationFn: async ({ index, label }: { index: number; label: HumanLabelWord | null }) => {
      const earlier = kept.current.get(index);
      if (earlier !== undefined) await takeBack(earlier);
      kept.current.delete(index);
      if (label === null) return null;
      const { labeller, codebook } = draw;
      const { ids } = await labelItem(items[index]?.id ?? '', { label, labeller, codebook });
      kept.current.set(index, ids[0] ?? PENDING);
      return ids[0] ?? null;
    },
    onSuccess: (id, { index, label }) => {
      if (id !== null && ownOf(index)?.label === label && label !== null) setOwn(index, { id, label });
      measure();
    },
    onError: (_error, { index }) => {
      // What the api has is what counts.
      void client.invalidateQueries({ queryKey });
      setAt(index);
    },
  });

  const go = (index: number) => setAt(Math.min(items.length - 1, Math.max(0, index)));
  return {
    items,
    at,
    labelled: items.filter(({ own }) => own !== null).length,
    error: send.error,
    canUndo: history.length > 0,
    go,
    say(label) {
      const next = items.findIndex(({ own }, index) => index > at && own === null);
      setOwn(at, { id: PENDING, label });
      setHistory([...history, at]);
      send.mutate({ index: at, label });
      go(next < 0 ? at + 1 : next);
    },
    undo() {
      const index = history.at(-1);
      if (index === undefined) return;
      setHistory(history.slice(0, -1));
      setOwn(index, null);
      send.mutate({ index, label: null });
      setAt(index);
    },
  };
}

/** Calls once the asking has paused. */
function useLater(act: () => void, afterMs: number): () => void {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  return () => {
    clearTimeout(timer.current);
    timer.current = setTimeout(act, afterMs);
  };
}
