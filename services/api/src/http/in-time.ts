/** What is answered within `ms`, else `late`: what comes after that is let go. A rejection in time is passed on. */
export function inTime<Answer, Late>(answer: Promise<Answer>, ms: number, late: Late): Promise<Answer | Late> {
  const { promise, resolve } = Promise.withResolvers<Late>();
  const timer = setTimeout(() => resolve(late), ms);
  return Promise.race([answer, promise]).finally(() => clearTimeout(timer));
}
