import type { CallResult, ModelClient, ModelRequest, Provider } from '@crosscheck/contracts';
import { describeSpan, inSpan } from '@crosscheck/runtime';
import { UNWATCHED, type WorkerWatch } from './watch.ts';

type Attributes = Parameters<typeof describeSpan>[0];

/**
 * Makes spans of what passes: the run of a trial; in it each question, with the wait before its lane and the call; and each record, with its
 * wait for a batch and the commit. Ids, names, codes and counts only: never a text that was sent or came back.
 */
export function makeWorkerTraces(): WorkerWatch {
  return {
    ...UNWATCHED,
    run: (run) => (claim, signal) =>
      inSpan('run trial', { attributes: claimAttributes(claim) }, async (span) => {
        const report = await run(claim, signal);
        span.describe({ 'crosscheck.trial.result': report.result });
        return report;
      }),
    read: ({ sweepId, sample, response }) =>
      describeSpan({
        'crosscheck.sweep.id': sweepId,
        'crosscheck.trial.sample': sample,
        'crosscheck.trial.resumed': response !== null,
      }),
    client: traceCalls,
    ask: (ask) => (question, signal) => {
      const purpose = question.grader === null ? 'subject' : 'judge';
      const attributes = { 'crosscheck.lane': question.laneId, 'crosscheck.call.purpose': purpose };
      return inSpan(`ask ${purpose}`, { attributes }, () => ask(question, signal));
    },
    gate: (gate) => ({
      ...gate,
      enter: (lane, estimate, signal) =>
        inSpan('wait for lane', { attributes: { 'crosscheck.lane': lane.id } }, async (span) => {
          const entry = await gate.enter(lane, estimate, signal);
          span.describe({ 'crosscheck.lane.answer': entry.kind });
          if (entry.kind === 'later') span.describe({ 'crosscheck.lane.binds': entry.binds });
          return entry;
        }),
    }),
    recorder: (recorder) => ({
      ...recorder,
      record(record) {
        const { to } = record;
        const attributes = {
          'db.system.name': 'postgresql',
          'db.operation.name': 'record',
          'crosscheck.trial.id': record.trialId,
          'crosscheck.trial.state': to.state,
          ...(to.state === 'settled' && { 'crosscheck.trial.outcome': to.outcome }),
        };
        return inSpan('record', { kind: 'client', attributes }, () => recorder.record(record));
      },
    }),
  };
}

const claimAttributes = ({ id, epoch }: { id: string; epoch: number }): Attributes => ({
  'crosscheck.trial.id': id,
  'crosscheck.trial.epoch': epoch,
});

/** One call to a provider, in the words of OpenTelemetry's conventions for generative AI. @see https://opentelemetry.io/docs/specs/semconv/gen-ai/ */
function traceCalls(client: ModelClient, provider: Provider): ModelClient {
  return {
    ...client,
    call: (request, options) =>
      inSpan(
        `chat ${request.model}`,
        { kind: 'client', attributes: requestAttributes(request, provider) },
        async (span) => {
          const result = await client.call(request, options);
          span.describe(resultAttributes(result));
          if (result.kind !== 'ok') span.failed(result.code);
          return result;
        },
      ),
  };
}

function requestAttributes({ model, sampling }: ModelRequest, { id, dialect }: Provider): Attributes {
  return {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': dialect,
    // Its name in the conventions of before, which many stores still look for.
    'gen_ai.system': dialect,
    'gen_ai.request.model': model,
    'gen_ai.request.max_tokens': sampling.maxTokens,
    ...(sampling.temperature !== undefined && { 'gen_ai.request.temperature': sampling.temperature }),
    'crosscheck.provider': id,
  };
}

function resultAttributes({ code, answer, usage, meta }: CallResult): Attributes {
  return {
    'crosscheck.call.code': code,
    'crosscheck.call.simulated': meta.simulated,
    ...(meta.httpStatus !== null && { 'http.response.status_code': meta.httpStatus }),
    ...(meta.requestId !== null && { 'crosscheck.call.request_id': meta.requestId }),
    ...(answer && { 'gen_ai.response.model': answer.model, 'gen_ai.response.finish_reasons': [answer.stopReason] }),
    ...(usage && {
      // All of the prompt, the cached part included.
      'gen_ai.usage.input_tokens': usage.uncached + usage.cacheWrite5m + usage.cacheWrite1h + usage.cacheRead,
      'gen_ai.usage.output_tokens': usage.output,
      'gen_ai.usage.cache_read.input_tokens': usage.cacheRead,
      'gen_ai.usage.cache_creation.input_tokens': usage.cacheWrite5m + usage.cacheWrite1h,
    }),
  };
}
