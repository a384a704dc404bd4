import { SpanKind, type WorkerOptions } from 'bullmq';

type Telemetry = NonNullable<WorkerOptions['telemetry']>;
type Tracer = Telemetry['tracer'];
type Span = ReturnType<Tracer['startSpan']>;

/**
 * BullMQ's own spans, of what runs a job only. The others (looking for a job, renewing locks, moving it on) are several for each job, and one
 * for each look that finds nothing. Loaded where tracing is on.
 */
export async function openTelemetry(): Promise<Telemetry> {
  const { BullMQOtel } = await import('bullmq-otel');
  const { tracer, contextManager } = new BullMQOtel({ tracerName: 'crosscheck' });
  return {
    contextManager,
    tracer: {
      startSpan: (name, options, context) =>
        options?.kind === SpanKind.CONSUMER ? tracer.startSpan(name, options, context) : UNSEEN,
    },
  };
}

/** What is done inside of it stands below the span around it. */
const UNSEEN: Span = {
  setSpanOnContext: <Context>(context: Context) => context,
  setAttribute() {},
  setAttributes() {},
  addEvent() {},
  recordException() {},
  end() {},
};
