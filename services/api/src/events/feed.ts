import { isFinished, type SweepState } from '@crosscheck/contracts';
import type { EventRow } from '@crosscheck/store';

export type FeedDeps = {
  readEvents: (sweepId: string, page: { afterId: string; limit: number }) => Promise<EventRow[]>;
  readNewest: (sweepId: string) => Promise<EventRow[]>;
  readState: (sweepId: string) => Promise<{ state: SweepState; finishedAt: Date | null } | null>;
  nowMs: () => number;
  pollMs: number;
  onError: (error: unknown) => void;
};

export type FeedItem = { kind: 'event'; event: EventRow } | { kind: 'silence' };

export type EventFeed = {
  /**
   * A sweep's events, oldest first: after `afterId`, or else from the newest of each kind on. Ends when the sweep has finished and
   * everything was told, or when the signal says so. `silence` comes every `heartbeatMs` in which nothing else did.
   */
  follow(
    sweepId: string,
    options: { afterId: string | null; signal: AbortSignal; heartbeatMs: number },
  ): AsyncGenerator<FeedItem>;
  /**
   * The place of a reader who comes back after this event. Null where the sweep has none that is as new: the database was restored as it was
   * before, and whoever waited for an event behind that one would wait in vain.
   */
  findPlace(sweepId: string, lastId: string): Promise<string | null>;
  /** Whether nothing will follow after this event. */
  isOver(sweepId: string, afterId: string): Promise<boolean>;
  /** Ends all readers. */
  close(): void;
};

const PAGE = 100;
/** Events that one reader holds while its connection takes them: those of a large sweep are some hundred kilobytes each. */
const HELD_MAX = 8;
/** Events kept in memory for readers who are up to date; whoever is slower reads from Postgres at their own pace. */
const RECENT_MAX = 64;
/** After this a finished sweep is over even if nobody published its last event, ms. */
const LAST_EVENT_MS = 10_000;

type Channel = {
  readers: Set<() => void>;
  recent: EventRow[];
  newestId: string;
  over: boolean;
  timer: NodeJS.Timeout | undefined;
};

/**
 * Makes the feed that all readers of one process share: however many follow a sweep, Postgres is asked once per `pollMs`. A reader holds
 * nothing but its place, so a slow one costs no memory and keeps nobody back.
 */
export function makeEventFeed(deps: FeedDeps): EventFeed {
  const { readEvents, readNewest, readState, nowMs, pollMs, onError } = deps;
  const channels = new Map<string, Channel>();
  let closed = false;

  async function poll(sweepId: string, channel: Channel): Promise<void> {
    try {
      // State first: an event that is written before the sweep finishes is then seen by this look or an earlier one.
      const state = await readState(sweepId);
      const fresh = await readEvents(sweepId, { afterId: channel.newestId, limit: PAGE });
      channel.recent = [...channel.recent, ...fresh].slice(-RECENT_MAX);
      channel.newestId = fresh.at(-1)?.id ?? channel.newestId;
      channel.over = fresh.length < PAGE && isAtEnd(state, channel.recent, nowMs());
      if (fresh.length > 0 || channel.over) for (const wake of channel.readers) wake();
    } catch (error) {
      onError(error);
    }
    if (channels.get(sweepId) === channel) channel.timer = setTimeout(() => void poll(sweepId, channel), pollMs);
  }

  function join(
    sweepId: string,
    wake: () => void,
    { place, snapshot }: { place: string; snapshot: EventRow[] },
  ): Channel {
    const channel = channels.get(sweepId) ?? {
      readers: new Set(),
      recent: snapshot,
      newestId: place,
      over: false,
      timer: undefined,
    };
    channel.readers.add(wake);
    if (!channels.has(sweepId)) {
      channels.set(sweepId, channel);
      void poll(sweepId, channel);
    }
    return channel;
  }

  function leave(sweepId: string, wake: () => void, channel: Channel): void {
    channel.readers.delete(wake);
    if (channel.readers.size > 0) return;
    clearTimeout(channel.timer);
    if (channels.get(sweepId) === channel) channels.delete(sweepId);
  }

  return {
    async *follow(sweepId, { afterId, signal, heartbeatMs }) {
      const snapshot = afterId === null ? await readNewest(sweepId) : [];
      let place = afterId ?? snapshot.at(-1)?.id ?? '0';
      const alarm = makeAlarm();
      signal.addEventListener('abort', alarm.ring, { once: true });
      const channel = join(sweepId, alarm.ring, { place, snapshot });
      try {
        for (const event of snapshot) yield { kind: 'event', event };
        while (!signal.aborted && !closed) {
          const over = channel.over;
          const events = await eventsAfter(sweepId, channel, place);
          for (const event of events) {
            place = event.id;
            yield { kind: 'event', event };
          }
          if (events.length > 0) continue;
          if (over && BigInt(place) >= BigInt(channel.newestId)) return;
          if (!(await alarm.wait(heartbeatMs))) yield { kind: 'silence' };
        }
      } finally {
        signal.removeEventListener('abort', alarm.ring);
        leave(sweepId, alarm.ring, channel);
      }
    },
    async findPlace(sweepId, lastId) {
      const [known] = await readEvents(sweepId, { afterId: String(BigInt(lastId) - 1n), limit: 1 });
      return known ? lastId : null;
    },
    async isOver(sweepId, afterId) {
      const state = await readState(sweepId);
      if (!state || !isFinished(state.state)) return false;
      const [following, newest] = await Promise.all([readEvents(sweepId, { afterId, limit: 1 }), readNewest(sweepId)]);
      return following.length === 0 && isAtEnd(state, newest, nowMs());
    },
    close() {
      closed = true;
      for (const { readers, timer } of channels.values()) {
        clearTimeout(timer);
        for (const wake of readers) wake();
      }
    },
  };

  /** From memory when the place lies within it, from Postgres when the reader has fallen behind. */
  async function eventsAfter(sweepId: string, { recent, newestId }: Channel, place: string): Promise<EventRow[]> {
    if (BigInt(place) >= BigInt(newestId)) return [];
    const at = recent.findIndex(({ id }) => id === place);
    return at >= 0 ? recent.slice(at + 1, at + 1 + HELD_MAX) : readEvents(sweepId, { afterId: place, limit: HELD_MAX });
  }
}

/** A sweep is told to its end when its last progress says that it finished. */
function isAtEnd(
  sweep: { state: SweepState; finishedAt: Date | null } | null,
  events: EventRow[],
  nowMs: number,
): boolean {
  if (sweep === null) return true;
  if (!isFinished(sweep.state)) return false;
  const last = events.findLast(({ kind }) => kind === 'progress')?.data['state'];
  return last === sweep.state || nowMs - (sweep.finishedAt?.getTime() ?? 0) > LAST_EVENT_MS;
}

/** Wakes one waiter; a ring that comes while nobody waits is kept. */
function makeAlarm(): { ring: () => void; wait: (timeoutMs: number) => Promise<boolean> } {
  let rung = false;
  let wake: ((rung: boolean) => void) | null = null;
  return {
    ring: (): void => {
      rung = true;
      wake?.(true);
    },
    /** @returns false when `timeoutMs` passed without a ring */
    async wait(timeoutMs: number): Promise<boolean> {
      if (!rung) {
        const { promise, resolve } = Promise.withResolvers<boolean>();
        wake = resolve;
        const timer = setTimeout(() => resolve(false), timeoutMs);
        await promise;
        clearTimeout(timer);
        wake = null;
      }
      const was = rung;
      rung = false;
      return was;
    },
  };
}
