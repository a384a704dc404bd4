/** What runs in the page itself, as text: nothing here knows a browser's types. */

/** Makes `window.painted`: ms since the navigation began, when the frame was drawn in which an element is there for the first time. */
export const markPaint = (selector: string): string => `
  window.painted = new Promise((resolve) => {
    const look = () => {
      if (document.querySelector(${JSON.stringify(selector)}) === null) return requestAnimationFrame(look);
      // The frame after the next begins when this one has been drawn.
      requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now())));
    };
    look();
  });`;

/** Scrolls the list of transcripts to a place, 0 to 1, and waits until the row there has its words. Answers ms. */
export const jumpTo = (share: number): string => `(async () => {
  const list = document.querySelector('[role=grid]');
  const rows = Number(list.getAttribute('aria-rowcount'));
  const index = Math.floor((rows - 30) * ${share});
  const startedMs = performance.now();
  list.scrollTop = (index * list.firstElementChild.getBoundingClientRect().height) / rows;
  while (document.querySelector('[id="trial-row-' + index + '"] .outcome') === null) {
    if (performance.now() - startedMs > 10_000) throw new Error('row ' + index + ' never came');
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
  return performance.now() - startedMs;
})()`;

/** Keeps in `window.shownSettled` when the page showed how many settled trials for the first time. */
export const WATCH_SETTLED = `
  window.shownSettled = [];
  const look = () => {
    const found = /([\\d,]+)\\s+of\\s+[\\d,]+\\s+trials settled/.exec(document.body.textContent);
    const settled = found ? Number(found[1].replaceAll(',', '')) : 0;
    if (settled > (window.shownSettled.at(-1)?.settled ?? -1)) window.shownSettled.push({ atMs: Date.now(), settled });
  };
  look();
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });`;
