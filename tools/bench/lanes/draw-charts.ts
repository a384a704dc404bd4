import type { Chart } from './lane-case.ts';

export type NamedChart = Chart & { title: string };

const WIDTH = 760;
const HEIGHT = 150;
const PLOT = { left: 64, right: 16, top: 30, bottom: 26 };

/** What was sent each second as a line, the limit as a dashed one; one chart below the other in one SVG. */
export function drawCharts(charts: NamedChart[]): string {
  const height = charts.length * HEIGHT;
  const body = charts.map((chart, index) => `<g transform="translate(0 ${index * HEIGHT})">${drawChart(chart)}</g>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="system-ui, sans-serif" font-size="11">
<style>text{fill:#57606a}.title{fill:#24292f;font-weight:600}.sent{fill:none;stroke:#0969da;stroke-width:1.5}.limit{stroke:#cf222e;stroke-dasharray:5 4}.axis{stroke:#d0d7de}</style>
<rect width="100%" height="100%" fill="#fff"/>
${body.join('\n')}
</svg>
`;
}

function drawChart({ title, unit, limitPerS, perSecond }: NamedChart): string {
  const most = 1.15 * Math.max(limitPerS, ...perSecond);
  const x = (second: number): number =>
    PLOT.left + (second / Math.max(1, perSecond.length - 1)) * (WIDTH - PLOT.left - PLOT.right);
  const y = (value: number): number => HEIGHT - PLOT.bottom - (value / most) * (HEIGHT - PLOT.top - PLOT.bottom);
  const points = perSecond.map((value, second) => `${x(second).toFixed(1)},${y(value).toFixed(1)}`);
  const [left, right, floor] = [PLOT.left, WIDTH - PLOT.right, y(0)];
  return `<text class="title" x="${left}" y="18">${escapeXml(title)}</text>
<line class="axis" x1="${left}" x2="${right}" y1="${floor}" y2="${floor}"/>
<line class="limit" x1="${left}" x2="${right}" y1="${y(limitPerS)}" y2="${y(limitPerS)}"/>
<polyline class="sent" points="${points.join(' ')}"/>
<text x="${left - 6}" y="${y(limitPerS) + 4}" text-anchor="end">${round(limitPerS)}</text>
<text x="${left - 6}" y="${floor}" text-anchor="end">0</text>
<text x="${right}" y="18" text-anchor="end">${escapeXml(unit)}, limit dashed</text>
<text x="${left}" y="${HEIGHT - 10}">0 s</text><text x="${right}" y="${HEIGHT - 10}" text-anchor="end">${perSecond.length} s</text>`;
}

const round = (value: number): string =>
  value < 100 ? String(Math.round(10 * value) / 10) : Math.round(value).toLocaleString('en');
const escapeXml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
