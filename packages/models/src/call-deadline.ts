import type { CallOptions } from '@crosscheck/contracts';

/** One signal for everything that may end a call, which remembers what did. Disposing it leaves no timer and no listener behind. */
export type CallDeadline = Disposable & {
  readonly signal: AbortSignal;
  readonly endedBy: 'caller' | 'deadline' | null;
};

/** A longer delay would make a timer fire at once. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** A duration that a timer can take: whole ms, at least one, at most 24.8 days. */
export function toTimerMs(durationMs: number): number {
  return Math.min(Math.max(1, Math.ceil(durationMs)), TIMER_MS_MAX);
}

/**
 * Starts the time of one call. An own controller in place of `AbortSignal.any`, because the error alone does not tell who stopped a
 * call: a hang in the body of an HTTP 500 that we abort surfaces as that 500.
 */
export function openCallDeadline({ signal, deadlineMs }: CallOptions): CallDeadline {
  const controller = new AbortController();
  let endedBy: CallDeadline['endedBy'] = null;
  const end = (by: 'caller' | 'deadline') => {
    endedBy ??= by;
    controller.abort();
  };
  const onCancel = () => end('caller');
  const timer = setTimeout(end, toTimerMs(deadlineMs), 'deadline');
  signal.addEventListener('abort', onCancel, { once: true });
  if (signal.aborted) onCancel();
  return {
    signal: controller.signal,
    get endedBy() {
      return endedBy;
    },
    [Symbol.dispose]() {
      clearTimeout(timer);
      signal.removeEventListener('abort', onCancel);
    },
  };
}
