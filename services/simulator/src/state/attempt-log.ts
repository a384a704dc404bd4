/** One arrival at a tenant, as `GET /log` shows it. Never a key, a prompt or an answer. */
export type AttemptEntry = {
  seq: number;
  atMs: number;
  route: string;
  /** what the answer's header names, when it has one */
  requestId: string;
  organization: string | null;
  model: string | null;
  cell: string | null;
  promptKey: string | null;
  sampleKey: string | null;
  attempt: number;
  /** `x-stainless-retry-count` of the SDK: 0 proves that no retry layer but our own ran. */
  sdkRetryCount: number | null;
  status: number | null;
  fault: string | null;
  /** all of it, cached or not */
  inputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  outputTokens: number;
  waitMs: number;
  delivered: boolean;
};

export type AttemptLog = {
  add(entry: Omit<AttemptEntry, 'seq'>): void;
  since(seq: number): AttemptEntry[];
  clear(): void;
};

/** Makes a ring buffer of the last `entriesMax` attempts. */
export function makeAttemptLog(entriesMax: number): AttemptLog {
  let seq = 0;
  let ring: AttemptEntry[] = [];
  return {
    add(entry) {
      const numbered = { seq, ...entry };
      ring[seq % entriesMax] = numbered;
      seq += 1;
    },
    since: (from) => ring.filter((entry) => entry.seq >= from).toSorted((a, b) => a.seq - b.seq),
    clear() {
      seq = 0;
      ring = [];
    },
  };
}
