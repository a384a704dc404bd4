import type { MatrixRow } from './matrix-data.ts';

export type View = {
  rows: readonly MatrixRow[];
  columns: number;
  /** of one cell, px */
  cellWidth: number;
  cellHeight: number;
  /** first row that is seen, may be a fraction */
  top: number;
  width: number;
  height: number;
  selected: { row: number; column: number } | null;
  colours: Record<'o-complied' | 'o-refused' | 'o-pending' | 'panel' | 'ink' | 'line' | 'panel-2', string>;
};

const LEVELS = 10;

/** Draws what is seen of a matrix: blue complies, orange refuses, hatched has no behaviour to show. Costs what is seen, whatever there is. */
export function drawMatrix(context: CanvasRenderingContext2D, view: View): void {
  const { rows, columns, cellWidth, cellHeight, top, width, height, colours } = view;
  context.fillStyle = colours.panel;
  context.fillRect(0, 0, width, height);
  const gap = cellHeight >= 6 ? 1 : 0;
  const palette = paletteOf(colours);
  const last = Math.min(rows.length, Math.ceil(top + height / cellHeight));
  for (let index = Math.floor(top); index < last; index += 1) {
    const row = rows[index] as MatrixRow;
    const y = (index - top) * cellHeight;
    for (let column = 0; column < columns; column += 1) {
      const rate = row.rates[column] ?? null;
      context.fillStyle = rate === null ? colours['panel-2'] : (palette[Math.round(rate * LEVELS)] as string);
      context.fillRect(column * cellWidth, y, cellWidth - 1, Math.max(1, cellHeight - gap));
      if (rate === null && cellHeight >= 8)
        strike(context, colours.line, { x: column * cellWidth, y, cellWidth, cellHeight });
    }
  }
  outline(context, view);
}

/** From refused to complied through the colour of the page, so that a rate of one half is pale. */
function paletteOf(colours: View['colours']): string[] {
  return Array.from({ length: LEVELS + 1 }, (_, level) => {
    const rate = level / LEVELS;
    const [strong, share] =
      rate >= 0.5 ? [colours['o-complied'], (rate - 0.5) * 2] : [colours['o-refused'], (0.5 - rate) * 2];
    return `color-mix(in srgb, ${strong} ${(18 + 82 * share).toFixed(0)}%, ${colours.panel})`;
  });
}

function strike(
  context: CanvasRenderingContext2D,
  colour: string,
  { x, y, cellWidth, cellHeight }: { x: number; y: number; cellWidth: number; cellHeight: number },
): void {
  context.strokeStyle = colour;
  context.beginPath();
  context.moveTo(x + 2, y + cellHeight - 3);
  context.lineTo(x + Math.min(cellWidth - 3, cellHeight), y + 2);
  context.stroke();
}

function outline(context: CanvasRenderingContext2D, { selected, top, cellWidth, cellHeight, colours }: View): void {
  if (selected === null) return;
  context.strokeStyle = colours.ink;
  context.lineWidth = 2;
  context.strokeRect(
    selected.column * cellWidth + 0.5,
    (selected.row - top) * cellHeight - 0.5,
    cellWidth - 2,
    Math.max(3, cellHeight),
  );
  context.lineWidth = 1;
}
