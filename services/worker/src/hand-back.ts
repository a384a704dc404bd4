/**
 * Control flow: the trial cannot go on now and goes back to be claimed again. Thrown inside a run and caught by it; never an error that
 * anybody sees.
 */
export class HandBack extends Error {
  override readonly name = 'HandBack';
  /** not claimed again before this has passed, ms */
  readonly delayMs: number;
  /** the lane that its next call needs, when it is another one */
  readonly laneId: string | undefined;

  constructor(why: string, { delayMs, laneId }: { delayMs: number; laneId?: string }) {
    super(why);
    this.delayMs = delayMs;
    this.laneId = laneId;
  }
}
