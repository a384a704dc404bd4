/**
 * The port by which worker processes agree who writes a prompt prefix into a provider's cache. It lives where the lane budgets live, and
 * what it forgets costs one more write: it never keeps a call from being made.
 */
export type PrefixWarmth = {
  /**
   * Asks for the right to be the first.
   *
   * @param leaseMs how long the claim holds when nobody says more, ms, so that a crashed worker's claim does not stay
   * @returns first: the caller writes it and says so. claimed: somebody is about to. warm: it can be read.
   */
  claim(key: string, leaseMs: number): Promise<'first' | 'claimed' | 'warm'>;
  /** Says that the prefix can be read for `forMs` from now. */
  warm(key: string, forMs: number): Promise<void>;
  /** Gives a claim back: the call failed, and somebody else may be the first. */
  release(key: string): Promise<void>;
};
