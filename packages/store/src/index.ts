export {
  type AuditEntry,
  type AuditSubject,
  beginAuditEntry,
  completeAuditEntry,
  listAuditEntries,
  readAuditSubject,
} from './audit.ts';
export { type TeamUse, readTeamUse, requireQuota } from './quotas.ts';
export { type Db, inTransaction, openPool, type Pool } from './pool.ts';
export { migrate } from './migrate.ts';
export { backupDatabase } from './backup/backup.ts';
export { type BackupSummary, checkBackup, restoreDatabase } from './backup/restore.ts';
export { NOT_KEPT } from './backup/tables.ts';
export { knownSchemaNumber } from './migration-files.ts';
export { assertReachable, assertSchema, readSchemaNumber } from './reachable.ts';
export { isId, newId } from './ids.ts';
export { type LeaderRow, type Leadership, openLeadership, readLeader } from './leader.ts';
export { announce, subscribe, type Subscription } from './channel.ts';
export {
  type ApiKey,
  type Caller,
  changeTeam,
  createApiKey,
  createTeam,
  ensureAdminKey,
  findCaller,
  listApiKeys,
  listTeams,
  newSecret,
  readOpenKeys,
  revokeApiKey,
  type Scope,
  SCOPES,
  type Team,
} from './teams.ts';
export {
  ensureLane,
  ensureProvider,
  type LaneRow,
  listLanes,
  listLanesInUse,
  listProviders,
  pauseAllLanes,
  pauseLane,
  pauseProviderLanes,
  putLane,
  putProvider,
  readLane,
  readProvider,
  resumeAllLanes,
  resumeDueLanes,
  resumeLane,
} from './lanes.ts';
export { type LaneUses, readLaneUse, readTeamShares, type TeamShare } from './lane-use.ts';
export {
  type DatasetRow,
  findDataset,
  findPromptTooLarge,
  findPromptWithout,
  listDatasets,
  measurePrompts,
  readDataset,
  readPrompts,
  readPromptsById,
  writeDataset,
} from './datasets.ts';
export {
  createSweep,
  findAcceptedSweep,
  type Idempotency,
  listSweeps,
  listPlanning,
  completeSweep,
  listUnfolded,
  type UnfoldedSweep,
  moveSweep,
  type NewSweep,
  type Provenance,
  readSweep,
  readSweepLanes,
  retryTrials,
  type SweepLanes,
  type SweepRow,
} from './sweeps.ts';
export {
  type Beat,
  beat,
  listWorkers,
  readStarted,
  removeWorker,
  type SeenWorker,
  takeOverWorker,
  type WorkerRow,
} from './workers.ts';
export { planTrials } from './plan.ts';
export {
  assertExtensible,
  type ExtensionRow,
  extendSweep,
  findAcceptedExtension,
  listExtensions,
  type NewExtension,
} from './extend.ts';
export { deleteSweep, listTombstones, readTombstone, removeDeleted, type Tombstone } from './deleted-sweeps.ts';
export { deleteOutdated } from './outdated.ts';
export {
  hasPurgedTranscripts,
  listDueTranscripts,
  type Place,
  previewPurge,
  purgeTranscripts,
  readTranscriptDays,
  setTranscriptDays,
} from './transcripts.ts';
export { listOpenExtensions, planExtension } from './plan-extension.ts';
export { type Backlog, type Claim, claimTrials, type Demand, readBacklog, listUnheld, readDemand } from './dispatch.ts';
export {
  type EarlierAttempt,
  listTrials,
  readTranscript,
  readTrialToRun,
  type StoredResponse,
  type Transcript,
  type TrialFilter,
  type TrialSummary,
  type KeptVote,
  type TrialToRun,
} from './trials.ts';
export { findPlaces, type PlacesFilter, readPromptOrdinal, readTrialRows, type TrialRowParts } from './trial-list.ts';
export { type NewAttempt, type NewResponse, openRecorder, type Recorder, type TrialRecord } from './record.ts';
export { type HouseNumbers, readHouseNumbers } from './house-numbers.ts';
export { type Progress, readProgress, readRate } from './progress.ts';
export {
  type CellCodes,
  inFold,
  type FoldStart,
  keepMetrics,
  type NewMetrics,
  readFirstSamples,
  readFoldStart,
  readEarlyStops,
  readMetrics,
  readOutcomeCodes,
  readPromptOrder,
  type StoredMetrics,
  writeMetrics,
} from './metrics.ts';
export { OUTCOME_CODES, type OutcomeCode } from './outcome-codes.ts';
export { streamChangedCodes, streamGroupSizes, streamSettledCodes, type TrialCode } from './trial-codes.ts';
export { readMatrixColumns } from './matrix.ts';
export { type EventRow, readEvents, readNewestEvents, writeEvent } from './events.ts';
export { type ExportRow, streamExport } from './export.ts';
export { makePgLaneBudget, type PgLaneBudgetOptions } from './lane-budget.ts';
export { makePgPrefixWarmth } from './prefix-warmth.ts';
export {
  type LaneBacklog,
  readDueLanes,
  readLaneBacklogs,
  readQueuedLanes,
  readWaitingLanes,
  type SweepLane,
} from './backlog.ts';
export { type Allowance, readAllowances, setBudget, setStateReason } from './money.ts';
export type { ImportedTrial } from './import-columns.ts';
export { importSweep, type NewImport } from './imports.ts';
export {
  type CellStop,
  listCellStops,
  type NamedCellStop,
  reopenUndecided,
  stopCell,
  stopCellEarly,
} from './cell-stops.ts';
export {
  type DeadLetterFilter,
  type DeadLetterGroup,
  listDeadLetters,
  type Replay,
  replayDeadLetters,
} from './dead-letters.ts';
export type { FailureCause } from './failure-cause.ts';
export { type Draw, drawReview, readReviewItem, type ReviewRow } from './review.ts';
export { type PastVerdict, readVerdictHistory, readVerdictVersions, type Regrade, regradeSweep } from './regrade.ts';
export { deleteLabel, type IncomingLabel, keepLabels, type LabelBatch, type LabelRow, listLabels } from './labels.ts';
export {
  countVerdictPairs,
  type CountedLabel,
  type LabelledVerdict,
  readCountedLabels,
  readLabelledVerdicts,
  readLabelRevision,
  type VerdictPair,
} from './calibration.ts';
export {
  type CellCount,
  type PromptMark,
  readCellCounts,
  readFingerprints,
  findParserVersions,
  readParserVersions,
  readPromptMarks,
} from './sweep-facts.ts';
