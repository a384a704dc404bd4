import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  NodeTracerProvider,
  ParentBasedSampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-node';
import { makeKnownOnly } from './known-attributes.ts';

export type SdkOptions = {
  service: string;
  /** of the collector, without `/v1/traces` */
  endpoint: string;
  /** share of new traces that are kept, 0 to 1; what comes with a parent follows it */
  ratio: number;
  /** told that spans were lost */
  onLost: (error: Error | undefined) => void;
};

/** How long one delivery may take: the process does its work meanwhile, and must not wait for a collector at its end. */
const EXPORT_TIMEOUT_MS = 5_000;
/** What waits while the collector is away; more is dropped. */
const QUEUE_SPANS_MAX = 4_096;
/** Names of models and ids of requests come from providers, who may write anything. */
const VALUE_CHARS_MAX = 200;

/**
 * Registers OpenTelemetry for the whole process. The one file that loads its SDK, imported only where tracing is on. What the SDK reads from
 * the environment by itself (headers, certificates and compression of the exporter, attributes of the resource) works as its standard says.
 */
export function startSdk({ service, endpoint, ratio, onLost }: SdkOptions): { shutdown: () => Promise<void> } {
  const resource = defaultResource()
    .merge(resourceFromAttributes({ 'service.name': `crosscheck-${service}`, 'service.namespace': 'crosscheck' }))
    .merge(detectResources({ detectors: [envDetector] }));
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
    timeoutMillis: EXPORT_TIMEOUT_MS,
  });
  const provider = new NodeTracerProvider({
    resource,
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
    spanLimits: { attributeValueLengthLimit: VALUE_CHARS_MAX },
    spanProcessors: [
      new BatchSpanProcessor(tellLosses(makeKnownOnly(exporter), onLost), {
        maxQueueSize: QUEUE_SPANS_MAX,
        exportTimeoutMillis: EXPORT_TIMEOUT_MS,
        scheduledDelayMillis: 1_000,
      }),
    ],
  });
  provider.register();
  return { shutdown: () => provider.shutdown() };
}

function tellLosses(exporter: SpanExporter, onLost: SdkOptions['onLost']): SpanExporter {
  return {
    ...exporter,
    export(spans, done) {
      exporter.export(spans, (result) => {
        if (result.code !== 0) onLost(result.error);
        done(result);
      });
    },
  };
}
