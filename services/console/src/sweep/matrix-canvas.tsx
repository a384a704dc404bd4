import { type KeyboardEvent, type PointerEvent, type ReactElement, useLayoutEffect, useRef, useState } from 'react';
import { readColours } from '../ui/colours.ts';
import { useThemeTurns } from '../ui/use-theme-turns.ts';
import { drawMatrix, type View } from './draw-matrix.ts';
import type { MatrixRow } from './matrix-data.ts';

export type Place = { row: number; column: number };
type Props = {
  rows: MatrixRow[];
  columns: number;
  rowHeight: number;
  selected: Place | null;
  onSelect: (place: Place | null) => void;
  onOpen: (place: Place) => void;
  label: string;
};

const HEIGHT = 520;
const COLOURS = ['o-complied', 'o-refused', 'o-pending', 'panel', 'ink', 'line', 'panel-2'] as const;
const STEPS: Record<string, [rows: number, columns: number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  PageUp: [-20, 0],
  PageDown: [20, 0],
};

/** The cells, drawn: as many as there are. The scroll bar is a real one; arrows move, Enter opens. */
export function MatrixCanvas({ rows, columns, rowHeight, selected, onSelect, onOpen, label }: Props): ReactElement {
  const canvas = useRef<HTMLCanvasElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const theme = useThemeTurns();
  const [top, setTop] = useState(0);
  const cellWidth = Math.max(3, width / Math.max(1, columns));
  const height = Math.min(HEIGHT, Math.max(rowHeight, rows.length * rowHeight));

  useLayoutEffect(() => {
    const box = scroller.current;
    if (!box) return;
    const observer = new ResizeObserver(() => setWidth(box.clientWidth));
    observer.observe(box);
    return () => observer.disconnect();
  }, []);
  useLayoutEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context || width === 0) return;
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    const view: View = {
      rows,
      columns,
      cellWidth,
      cellHeight: rowHeight,
      top: top / rowHeight,
      width,
      height,
      selected,
      colours: readColours(COLOURS),
    };
    drawMatrix(context, view);
  }, [rows, columns, cellWidth, rowHeight, top, width, height, selected, theme]);

  const placeOf = (event: PointerEvent<HTMLElement> | React.MouseEvent<HTMLElement>): Place | null => {
    const box = canvas.current?.getBoundingClientRect();
    if (!box) return null;
    const row = Math.floor((event.clientY - box.top + top) / rowHeight);
    const column = Math.floor((event.clientX - box.left) / cellWidth);
    return row >= 0 && row < rows.length && column >= 0 && column < columns ? { row, column } : null;
  };
  const step = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && selected) return onOpen(selected);
    const move = STEPS[event.key];
    if (!move) return;
    event.preventDefault();
    const from = selected ?? { row: 0, column: 0 };
    const row = Math.min(rows.length - 1, Math.max(0, from.row + move[0]));
    const column = Math.min(columns - 1, Math.max(0, from.column + move[1]));
    const box = scroller.current;
    if (box && row * rowHeight < box.scrollTop) box.scrollTop = row * rowHeight;
    if (box && (row + 1) * rowHeight > box.scrollTop + height) box.scrollTop = (row + 1) * rowHeight - height;
    onSelect({ row, column });
  };

  return (
    <div
      ref={scroller}
      className="matrix-scroll"
      style={{ height }}
      tabIndex={0}
      role="application"
      aria-label={label}
      onScroll={(event) => setTop(event.currentTarget.scrollTop)}
      onKeyDown={step}
      onPointerMove={(event) => onSelect(placeOf(event))}
      onClick={(event) => {
        const place = placeOf(event);
        if (place) onOpen(place);
      }}
    >
      <div style={{ height: rows.length * rowHeight }}>
        <canvas
          ref={canvas}
          width={Math.round(width * devicePixelRatio)}
          height={Math.round(height * devicePixelRatio)}
          style={{ width, height }}
        />
      </div>
    </div>
  );
}
