/**
 * Thrown by a judge when its model cannot be had at the moment: rate limits, an outage, a stop of the process. Nothing was decided and the
 * trial is to be graded again. What will not get better is a verdict `judge_failed` instead.
 */
export class JudgeUnavailableError extends Error {
  override readonly name = 'JudgeUnavailableError';
  /** the code of the call that failed, such as `rate_limited` */
  readonly code: string;

  constructor(code: string) {
    super(`The judge's model cannot be had at the moment: ${code}`);
    this.code = code;
  }
}
