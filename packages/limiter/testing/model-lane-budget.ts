import { type FlushableLaneBudget, type LaneBackend, makeLaneBudgetClient } from '@crosscheck/contracts';
import { type LaneState, makeLaneState, readModel, reserveModel, settleModel } from './lane-model.ts';

/** The lane model as a backend in memory, on the clock that it is given: for tests that own the time, and for a single process. */
export function makeModelBackend(nowUs: () => number = () => Date.now() * 1000): LaneBackend {
  const lanes = new Map<string, LaneState>();
  const stateOf = (laneId: string): LaneState => {
    const state = lanes.get(laneId) ?? makeLaneState();
    lanes.set(laneId, state);
    return state;
  };
  return {
    async spend(lane, settlements, ask) {
      const [state, now] = [stateOf(lane.id), nowUs()];
      for (const settlement of settlements) settleModel(state, lane, settlement, now);
      return ask ? reserveModel(state, lane, ask, now) : null;
    },
    async hold(laneId, forMs, reason) {
      const state = stateOf(laneId);
      const untilUs = nowUs() + Math.max(1, Math.ceil(forMs)) * 1000;
      if (untilUs > state.heldUntilUs) Object.assign(state, { heldUntilUs: untilUs, heldReason: reason });
    },
    async release(laneId) {
      const state = stateOf(laneId);
      state.heldUntilUs = 0;
      state.episodeUntilUs = Math.min(state.episodeUntilUs, nowUs());
    },
    read: async (lane) => readModel(stateOf(lane.id), lane, nowUs()),
    async forget(laneId, idPrefix) {
      const { leases } = stateOf(laneId);
      for (const id of leases.keys()) if (id.startsWith(idPrefix)) leases.delete(id);
    },
  };
}

export function makeModelLaneBudget(nowUs?: () => number): FlushableLaneBudget {
  return makeLaneBudgetClient(makeModelBackend(nowUs));
}
