import {
  type Counted,
  type CountedGap,
  type Interval,
  pairedGapOf,
  promptBounds,
  promptGapBounds,
  type PromptRate,
  promptRateOf,
} from '@crosscheck/stats';
import type { Board } from './board.ts';
import { type CellFacts, type KeptFacts, makeCellFacts } from './cell-facts.ts';
import { type CellReading, type Lens, makeCellReading, type SeededOrder } from './cell-reading.ts';
import { type KindPair, makePairCounts } from './pair-counts.ts';
import { type Bounds, makeGapSequence, makeRateSequence } from './prefix-sequences.ts';
import { makeSameAnswers } from './same-answers.ts';

export type Readings = {
  /** Takes in what the board has heard since the last time. */
  update(): void;
  /** The facts of a cell (model × conditions + condition); null where it has no trial. */
  factsOf(cell: number): CellFacts | null;
  /** A cell through a lens; the same name is the same lens. */
  of(cell: number, name: string, lens: Lens): CellReading;
  rate(reading: CellReading): PromptRate;
  /** see `promptBounds` */
  bounds(reading: CellReading): Interval | null;
  rateSequence(reading: CellReading): Bounds;
  pairs(treatment: CellReading, control: CellReading): Counted<KindPair>[];
  gap(treatment: CellReading, control: CellReading): CountedGap;
  /** see `promptGapBounds` */
  gapBounds(treatment: CellReading, control: CellReading): Interval | null;
  gapSequence(treatment: CellReading, control: CellReading): Bounds;
  /** see `SameAnswers.find` */
  sameAnswers(): Map<number, number>;
};

/**
 * All that is kept of a board for its metrics. Each part is made when it is first asked for, from the whole of its cell, and from then on
 * takes in nothing but the prompts of which anything is new; numbers of cells without news stay as they are.
 */
export function makeReadings(board: Board, order: SeededOrder, { alpha }: { alpha: number }): Readings {
  const { prompts } = board.shape;
  const facts = new Map<number, KeptFacts>();
  const readings = new Map<number, Map<string, CellReading>>();
  const sameAnswers = makeSameAnswers(board);
  // From here on the board tells what is new, and here everything is.
  board.takeTouched();
  const ofOne = makeKept((reading: CellReading) => ({
    rate: makeLasting([reading], () => promptRateOf(reading.kinds.counted(), alpha)),
    bounds: makeLasting([reading], () => promptBounds(reading.kinds.counted())),
    sequence: makeRateSequence(reading, alpha),
  }));
  const ofTwo = makeKept((treatment: CellReading) =>
    makeKept((control: CellReading) => {
      const both = [treatment, control];
      const pairs = makePairCounts(treatment, control);
      return {
        pairs,
        gap: makeLasting(both, () => pairedGapOf(pairs(), alpha)),
        bounds: makeLasting(both, () => promptGapBounds(pairs())),
        sequence: makeGapSequence(treatment, control, alpha),
      };
    }),
  );

  return {
    update() {
      const touched = board.takeTouched();
      sameAnswers.refresh(touched);
      for (const [cell, groups] of Map.groupBy(touched, (group) => Math.floor(group / prompts))) {
        const ofCell = groups.map((group) => group - cell * prompts);
        facts.get(cell)?.refresh(ofCell);
        for (const reading of readings.get(cell)?.values() ?? []) reading.refresh(ofCell);
      }
    },
    factsOf(cell) {
      let kept = facts.get(cell);
      if (!kept) facts.set(cell, (kept = makeCellFacts(board, cell)));
      return kept.read();
    },
    of(cell, name, lens) {
      const ofCell = readings.get(cell) ?? new Map<string, CellReading>();
      readings.set(cell, ofCell);
      let reading = ofCell.get(name);
      if (!reading) ofCell.set(name, (reading = makeCellReading(board, order, { cell, ...lens })));
      return reading;
    },
    rate: (reading) => ofOne(reading).rate(),
    bounds: (reading) => ofOne(reading).bounds(),
    rateSequence: (reading) => ofOne(reading).sequence(),
    pairs: (treatment, control) => ofTwo(treatment)(control).pairs(),
    gap: (treatment, control) => ofTwo(treatment)(control).gap(),
    gapBounds: (treatment, control) => ofTwo(treatment)(control).bounds(),
    gapSequence: (treatment, control) => ofTwo(treatment)(control).sequence(),
    sameAnswers: () => sameAnswers.find(),
  };
}

/** Makes a number of some readings anew when one of them has taken in something. */
function makeLasting<V>(readings: readonly CellReading[], make: () => V): () => V {
  const countNews = () => readings.reduce((sum, reading) => sum + reading.refreshed().times, 0);
  let [value, news] = [make(), countNews()];
  return () => {
    const now = countNews();
    if (now !== news) [value, news] = [make(), now];
    return value;
  };
}

/** Makes what belongs to something once. */
function makeKept<K extends object, V>(make: (key: K) => V): (key: K) => V {
  const kept = new WeakMap<K, V>();
  return (key) => {
    const known = kept.get(key);
    if (known !== undefined) return known;
    const made = make(key);
    kept.set(key, made);
    return made;
  };
}
