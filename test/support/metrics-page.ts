import { readFileSync } from 'node:fs';
import path from 'node:path';

const PAGE = path.resolve(import.meta.dirname, '../../docs/metrics.md');
const ROW = /^\| `(crosscheck_\w+)` \| (\w+) \| ([\w, ]*?) ?\| ([\w, ]+) \|/gm;

export type PageMetric = { name: string; type: string; labels: string[]; services: string[] };

/** What docs/metrics.md says: its tables, and the metrics of Node that it names. */
export function readMetricsPage(): { metrics: PageMetric[]; nodeMetrics: string[] } {
  const text = readFileSync(PAGE, 'utf8');
  const words = (list: string) =>
    list
      .split(',')
      .map((word) => word.trim())
      .filter(Boolean);
  const metrics = Array.from(text.matchAll(ROW), ([, name = '', type = '', labels = '', services = '']) => ({
    name,
    type,
    labels: words(labels),
    services: words(services),
  }));
  return {
    metrics,
    nodeMetrics: Array.from(text.matchAll(/`((?:nodejs|process)_\w*[a-z])`/g), ([, name = '']) => name),
  };
}
