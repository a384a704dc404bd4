import { type ModelRequest, parseModelRef, type Provider, type TranscriptView } from '@crosscheck/contracts';
import { parseResponse, toTrialRequest } from '@crosscheck/experiment';
import { hashRequest, toRequestBody } from '@crosscheck/models';
import type { SweepRow, Transcript } from '@crosscheck/store';
import { toIso } from './sweep-view.ts';

/**
 * The whole transcript of a trial. The request is rendered again from the sweep, and its hash compared with the hash of what was sent:
 * `requestVerified` is null while nothing was sent, or where its prompt or provider is gone.
 */
export function toTranscriptView(transcript: Transcript, sweep: SweepRow, providers: Provider[]): TranscriptView {
  const { id, sweepId, position, model, condition, prompt, sample, state, outcome, settledAt, attempts } = transcript;
  const provider = providers.find((each) => each.id === parseModelRef(model)?.provider);
  const request = toRequest(transcript, sweep);
  const sent = transcript.response?.requestHash ?? attempts.find(({ purpose }) => purpose === 'subject')?.requestHash;
  const plannedHash = request && provider ? hashRequest(provider.dialect, request) : null;
  return {
    id,
    sweep: sweepId,
    position,
    model,
    condition,
    prompt: { id: prompt, ...transcript.promptBody },
    sample,
    state: state as TranscriptView['state'],
    outcome: outcome as TranscriptView['outcome'],
    settledAt: toIso(settledAt),
    request: transcript.response?.purgedAt
      ? null
      : request && {
          system: request.system,
          user: request.user,
          sampling: request.sampling,
          body: provider ? toRequestBody(provider.dialect, request) : null,
        },
    failure: transcript.failure,
    requestHash: plannedHash,
    requestVerified: plannedHash === null || sent === undefined ? null : plannedHash === sent,
    response: toResponse(transcript, sweep),
    verdicts: transcript.fullVerdicts,
    attempts: attempts.map(toAttempt),
  };
}

/** An import has no requests, and its prompts no text. */
function toRequest(
  { modelOrdinal, conditionOrdinal, sample, promptBody }: Transcript,
  { spec, provenance }: SweepRow,
): ModelRequest | null {
  if (promptBody === null || provenance === 'imported') return null;
  const { id, text, variables } = promptBody;
  const prompt = { id, text, ...(variables === undefined ? {} : { variables }) };
  return toTrialRequest({ spec, model: modelOrdinal, condition: conditionOrdinal, sample, prompt });
}

/** The answer as it was sent, and how it was read. */
function toResponse({ response, conditionOrdinal }: Transcript, { spec }: SweepRow): TranscriptView['response'] {
  if (response === null) return null;
  const expects = spec.conditions[conditionOrdinal]?.expects ?? {};
  const { scratchpad, visible } = parseResponse({ text: response.text, stopReason: response.stopReason, expects });
  return {
    ...response,
    scratchpad,
    visible,
    receivedAt: toTime(response.receivedAt),
    purgedAt: response.purgedAt && toTime(response.purgedAt),
  };
}

function toAttempt({
  epoch: _epoch,
  startedAt,
  costPicoUsd,
  ...attempt
}: Transcript['attempts'][number]): TranscriptView['attempts'][number] {
  return { ...attempt, startedAt: toTime(startedAt), costPicoUsd, costUsd: Number(costPicoUsd) / 1e12 };
}

/** Postgres gives the time inside a JSON value as text. */
const toTime = (time: Date | string): string => new Date(time).toISOString();
