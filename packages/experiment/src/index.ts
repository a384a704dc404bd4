export { OUTPUT_TAGS, parseResponse, PARSER_VERSION, type ResponseToParse, SCRATCHPAD_TAGS } from './parse-response.ts';
export { outcomeOfParse, type ParseOutcome } from './outcome-of-parse.ts';
export { resolveGraders } from './resolve-graders.ts';
export { resolveModelLabels } from './resolve-model-labels.ts';
export { checkSize, countTrials, type PlannableSweep, resolveSweep } from './resolve.ts';
export { checkPlaceholders, placeholdersOf } from './placeholders.ts';
export { checkRequestSize, REQUEST_BYTES_MAX, requestShapes, type RequestShape, tooLarge } from './request-size.ts';
export { renderTrial, type RenderedTrial } from './render.ts';
export { canonicalJson, fingerprintOf } from './canonical-json.ts';
export {
  type ConditionFingerprint,
  datasetVersion,
  diffFingerprints,
  fingerprintCondition,
  fingerprintSweep,
  sampleKey,
} from './fingerprint.ts';
export {
  BLOCK_PROMPTS,
  type ExtensionToOrder,
  type OrderedTrial,
  type OrderInput,
  planExtensionOrder,
  planOrder,
  rankPrompts,
} from './order.ts';
export type { FindStudy, Study, StudyFill } from './study.ts';
export { toTrialRequest, type TrialToRequest } from './trial-request.ts';
export { findStudy, STUDIES } from './studies/find-study.ts';
