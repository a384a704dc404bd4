import {
  collectDefaultMetrics,
  Counter,
  type CounterConfiguration,
  Gauge,
  type GaugeConfiguration,
  Histogram,
  type HistogramConfiguration,
  Registry,
} from 'prom-client';

export type { Counter, Gauge, Histogram } from 'prom-client';

/** The numbers of one process, in Prometheus' text format. */
export type Metrics = {
  readonly contentType: string;
  /** Names are given without the prefix `crosscheck_` and with their unit: `call_duration_seconds`, `trials_total`. */
  counter: <Label extends string = never>(options: CounterConfiguration<Label>) => Counter<Label>;
  /** `collect` is awaited at every scrape: the place for what is counted in Postgres. */
  gauge: <Label extends string = never>(options: GaugeConfiguration<Label>) => Gauge<Label>;
  histogram: <Label extends string = never>(options: HistogramConfiguration<Label>) => Histogram<Label>;
  text: () => Promise<string>;
};

/**
 * A registry of its own, so that two services in one process (a test) do not share numbers. It holds the default metrics of
 * Node: memory, CPU, garbage collection, and event-loop lag (`nodejs_eventloop_lag_seconds` and its percentiles).
 */
export function makeMetrics({ service }: { service: string }): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  const named = <Options extends { name: string }>(options: Options) => ({
    ...options,
    name: `crosscheck_${options.name}`,
    registers: [registry],
  });
  return {
    contentType: registry.contentType,
    counter: (options) => new Counter(named(options)),
    gauge: (options) => new Gauge(named(options)),
    histogram: (options) => new Histogram(named(options)),
    text: () => registry.metrics(),
  };
}
