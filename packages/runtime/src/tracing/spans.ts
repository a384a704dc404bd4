import {
  type Attributes,
  context,
  isSpanContextValid,
  type Link,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';

export type SpanOptions = {
  /** client: we wait for another server. producer: somebody goes on with it later. internal when absent. */
  kind?: 'client' | 'producer';
  attributes?: Attributes;
  /** a W3C traceparent under which the span stands, instead of the one that runs now */
  parent?: string;
  /** a W3C traceparent that the span comes from, when it begins a trace of its own */
  origin?: string;
  /** when it began, if before now; epoch ms */
  startedMs?: number;
};

/** A span of ours: what runs can be told what it found out. */
export type OpenSpan = {
  /** for who goes on with it */
  traceparent: string | null;
  describe: (attributes: Attributes) => void;
  /** the code of what went wrong, never its text: texts may quote prompts */
  failed: (code: string) => void;
  end: () => void;
};

const KINDS = { client: SpanKind.CLIENT, producer: SpanKind.PRODUCER };

/** Begins a span that somebody else ends. Without tracing it does nothing. */
export function openSpan(name: string, options: SpanOptions = {}): OpenSpan {
  return toOpenSpan(startSpan(name, options));
}

/** Runs `work` inside of a span; what `work` begins stands below it. An error marks the span and comes out. */
export async function inSpan<Result>(
  name: string,
  options: SpanOptions,
  work: (span: OpenSpan) => Promise<Result>,
): Promise<Result> {
  const span = startSpan(name, options);
  const open = toOpenSpan(span);
  try {
    return await context.with(trace.setSpan(context.active(), span), () => work(open));
  } catch (error) {
    open.failed(error instanceof Error ? error.name : 'unknown');
    throw error;
  } finally {
    span.end();
  }
}

/** Tells the span that runs now, if any, what was found out. */
export function describeSpan(attributes: Attributes): void {
  trace.getActiveSpan()?.setAttributes(attributes);
}

/** The W3C traceparent of what runs now, to be kept for who goes on with it; null without tracing. */
export function currentTraceparent(): string | null {
  return traceparentOf(trace.getActiveSpan());
}

function startSpan(name: string, { kind, attributes = {}, parent, origin, startedMs }: SpanOptions): Span {
  const links = origin === undefined ? [] : linkTo(origin);
  const under = parent === undefined ? context.active() : fromTraceparent(parent);
  return trace.getTracer('crosscheck').startSpan(
    name,
    {
      kind: kind === undefined ? SpanKind.INTERNAL : KINDS[kind],
      attributes,
      links,
      root: origin !== undefined,
      ...(startedMs === undefined ? {} : { startTime: startedMs }),
    },
    under,
  );
}

function toOpenSpan(span: Span): OpenSpan {
  return {
    traceparent: traceparentOf(span),
    describe: (attributes) => span.setAttributes(attributes),
    failed(code) {
      span.setAttribute('error.type', code);
      span.setStatus({ code: SpanStatusCode.ERROR });
    },
    end: () => span.end(),
  };
}

function fromTraceparent(traceparent: string) {
  return propagation.extract(context.active(), { traceparent });
}

function linkTo(traceparent: string): Link[] {
  const from = trace.getSpanContext(fromTraceparent(traceparent));
  return from && isSpanContextValid(from) ? [{ context: from }] : [];
}

function traceparentOf(span: Span | undefined): string | null {
  const own = span?.spanContext();
  if (!own || !isSpanContextValid(own)) return null;
  return `00-${own.traceId}-${own.spanId}-${own.traceFlags.toString(16).padStart(2, '0')}`;
}
