import type { Attributes } from '@opentelemetry/api';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-node';

/**
 * The attributes that leave the process. A list of what may go out, not of what may not: libraries put addresses with their queries, messages
 * of errors and names of files into spans, and any of them may quote a prompt, an answer or a key.
 */
const KNOWN = new Set([
  'http.request.method',
  'http.route',
  'http.response.status_code',
  'error.type',
  'exception.type',
  'server.address',
  'db.system.name',
  'db.operation.name',
  'bullmq.queue.name',
  'bullmq.queue.operation',
  'bullmq.job.id',
  'bullmq.job.attempts.made',
  'bullmq.worker.id',
]);
const KNOWN_PREFIXES = ['crosscheck.', 'gen_ai.'];

/** Hands on what the list above knows: no other attribute, no message of a status or an event. Links, times and names stay. */
export function makeKnownOnly(exporter: SpanExporter): SpanExporter {
  return {
    export: (spans, done) => exporter.export(spans.map(toKnown), done),
    shutdown: () => exporter.shutdown(),
    ...(exporter.forceFlush && { forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve() }),
  };
}

/** The span itself belongs to the library: ours stands in front of it. */
function toKnown(span: ReadableSpan): ReadableSpan {
  return Object.create(span, {
    attributes: { value: onlyKnown(span.attributes) },
    status: { value: { code: span.status.code } },
    events: { value: span.events.map((event) => ({ ...event, attributes: onlyKnown(event.attributes ?? {}) })) },
    links: { value: span.links.map((link) => ({ ...link, attributes: onlyKnown(link.attributes ?? {}) })) },
  }) as ReadableSpan;
}

function onlyKnown(attributes: Attributes): Attributes {
  return Object.fromEntries(
    Object.entries(attributes).filter(
      ([name]) => KNOWN.has(name) || KNOWN_PREFIXES.some((prefix) => name.startsWith(prefix)),
    ),
  );
}
