import { escapeHtml } from '../http/escape-html.ts';

/** A position for a value: linear, clipped to the range. */
export function makeScale(
  [from, to]: readonly [number, number],
  [start, end]: readonly [number, number],
): (value: number) => number {
  return (value) => {
    const share = to === from ? 0 : (Math.min(to, Math.max(from, value)) - from) / (to - from);
    return round(start + share * (end - start));
  };
}

/** Tenths of a pixel are enough, and keep a page of thousands of marks small. */
export const round = (value: number): number => Math.round(value * 10) / 10;

/** A slim drawing has its labels above what they name: it fits a phone without being moved, and need not be wide elsewhere. */
export const SLIM_WIDTH = 420;

/** A plot is drawn twice, with its labels beside the marks and above them: the page shows the one that it has room for. */
export type Room = 'wide' | 'slim';

export function inEitherRoom(draw: (room: Room) => string): string {
  return draw('wide') + draw('slim');
}

type Drawing = { id: string; title: string; description: string; width: number; height: number; room?: Room };

/** A drawing that says in words what it shows. @param drawing.room where alone it is shown; everywhere if absent */
export function drawing({ id: name, title, description, width, height, room }: Drawing, content: string): string {
  const id = room === undefined ? name : `${name}-${room}`;
  const kind = (width === SLIM_WIDTH ? ' slim' : '') + (room === undefined ? '' : ` if-${room}`);
  return `<div class="plot${kind}"><svg viewBox="0 0 ${width} ${round(height)}" role="img" aria-labelledby="${id}-title ${id}-desc"><title id="${id}-title">${escapeHtml(title)}</title><desc id="${id}-desc">${escapeHtml(description)}</desc>${content}</svg></div>`;
}

export function label(x: number, y: number, text: string, kind = ''): string {
  return `<text x="${x}" y="${round(y)}"${kind === '' ? '' : ` class="${kind}"`}>${escapeHtml(text)}</text>`;
}

/** A text that fits a number of characters; the whole of it stands in the tables. */
export const fit = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

/** A vertical line at each tick, with its value below. */
export function axis(
  ticks: readonly number[],
  at: (value: number) => number,
  { top, bottom, show }: { top: number; bottom: number; show: (value: number) => string },
): string {
  return ticks
    .map((tick) => {
      const x = at(tick);
      const kind = tick === 0 ? 'zero' : 'grid';
      return `<line class="${kind}" x1="${x}" x2="${x}" y1="${top}" y2="${bottom}"/>${label(x, bottom + 16, show(tick), 'tick')}`;
    })
    .join('');
}

export type Mark = { y: number; estimate: number; low: number | null; high: number | null; hue: number };

/** A point with its interval; conditions differ by form and by colour, so that either is enough. */
export function mark({ y, estimate, low, high, hue }: Mark, at: (value: number) => number): string {
  const x = at(estimate);
  const interval =
    low === null || high === null
      ? ''
      : `<line class="interval" x1="${at(low)}" x2="${at(high)}" y1="${y}" y2="${y}"/><path class="interval" d="M${at(low)} ${y - 4}v8M${at(high)} ${y - 4}v8"/>`;
  return `<g class="hue${hue % HUES}">${interval}${FORMS[hue % FORMS.length]?.(x, y) ?? ''}</g>`;
}

export const HUES = 6;
const FORMS: readonly ((x: number, y: number) => string)[] = [
  (x, y) => `<circle class="point" cx="${x}" cy="${y}" r="5"/>`,
  (x, y) => `<rect class="point" x="${round(x - 4.5)}" y="${y - 4.5}" width="9" height="9"/>`,
  (x, y) => `<path class="point" d="M${x} ${y - 6}l6 6l-6 6l-6 -6z"/>`,
];
