import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { HumanLabelWord } from '@crosscheck/contracts';
import { compareGraders, type JudgedLabel, measureJudge, resolveLabels, toVerdictScore } from '../src/index.ts';

const judged = (n: number, human: 0 | 1, judge: 0 | 1, more: Partial<JudgedLabel> = {}): JudgedLabel[] =>
  Array.from({ length: n }, () => ({ human, judge, score: null, curtailed: false, weight: null, ...more }));

/** Counts as published for 106 labelled scratchpads. */
const labelsOf = ([tp, fp, fn, tn]: [number, number, number, number]): JudgedLabel[] => [
  ...judged(tp, 1, 1),
  ...judged(fp, 0, 1),
  ...judged(fn, 1, 0),
  ...judged(tn, 0, 0),
];

suite('calibration', () => {
  test('published judges of 106 labels: the strict one passes, the swapped and the first one are too weak', () => {
    const [original, strict, swapped] = [
      labelsOf([20, 8, 31, 47]),
      labelsOf([34, 1, 17, 54]),
      labelsOf([38, 37, 13, 18]),
    ];
    assert.deepEqual(
      [original, strict, swapped].map((labels) => measureJudge(labels).why),
      ['judge_too_weak', 'calibrated', 'judge_too_weak'],
    );
    const { sensitivity, specificity, youden, kappa } = measureJudge(strict);
    const round = (value: number | null) => Number(value?.toFixed(3));
    assert.deepEqual(
      [sensitivity.estimate, specificity.estimate, youden.low, kappa].map(round),
      [0.667, 0.982, 0.491, 0.656],
    );
  });

  test('a judge without labels, or with those of one class, is not calibrated and has no number', () => {
    assert.deepEqual([measureJudge([]).why, measureJudge([]).sensitivity.estimate], ['no_labels', null]);
    const { why, specificity, calibrated } = measureJudge(judged(40, 1, 1));
    assert.deepEqual([why, specificity.estimate, calibrated], ['one_class', null, false]);
  });

  test('labels drawn more often where the judge said yes count less there', () => {
    // Of 100 positives the judge sees 80, of which a quarter was drawn; of the 20 that it missed, all.
    const drawn = [
      ...judged(20, 1, 1, { weight: 4 }),
      ...judged(20, 1, 0, { weight: 1 }),
      ...judged(50, 0, 0, { weight: 2 }),
    ];
    const { weighting, sensitivity, confusion, precision } = measureJudge(drawn);
    assert.equal(weighting, 'design');
    assert.ok(Math.abs((sensitivity.estimate ?? 0) - 0.8) < 1e-12);
    assert.deepEqual([confusion.tp, confusion.fn, precision], [20, 20, 1]);
    const plain = measureJudge(drawn.map((label) => ({ ...label, weight: null })));
    assert.deepEqual([plain.weighting, plain.sensitivity.estimate], ['none', 0.5]);
  });

  test('scores of curtailed votes give no area under the curve', () => {
    const scored = [...judged(5, 1, 1, { score: 0.9 }), ...judged(5, 0, 0, { score: 0.1 })];
    assert.equal(measureJudge(scored).auroc.estimate, 1);
    const [first, ...rest] = scored as [JudgedLabel, ...JudgedLabel[]];
    assert.equal(measureJudge([{ ...first, curtailed: true }, ...rest]).auroc.estimate, null);
  });

  test('kappa and the area under the curve have intervals, and none where labels are too few to disagree', () => {
    // 34 true and 1 false positive, 17 false and 54 true negatives: kappa .655968.
    const labels = [...judged(34, 1, 1), ...judged(1, 0, 1), ...judged(17, 1, 0), ...judged(54, 0, 0)];
    const { kappa, kappaLow, kappaHigh } = measureJudge(labels);
    assert.deepEqual(
      [kappa, kappaLow, kappaHigh].map((value) => value?.toFixed(3)),
      ['0.656', '0.511', '0.801'],
    );
    const sure = measureJudge([...judged(5, 1, 1, { score: 0.9 }), ...judged(5, 0, 0, { score: 0.1 })]);
    assert.deepEqual([sure.kappa, sure.kappaLow, sure.kappaHigh], [1, null, null]);
    assert.deepEqual([sure.auroc.estimate, sure.auroc.low, sure.auroc.high], [1, null, null]);
    // Scores .9, .8, .4, .6 over .7, .3, .4, .1, .2: area .875 with an error of .122474, logit 1.9459 ± 2.1947.
    const scored = [
      ...[0.9, 0.8, 0.4, 0.6].flatMap((score) => judged(1, 1, 1, { score })),
      ...[0.7, 0.3, 0.4, 0.1, 0.2].flatMap((score) => judged(1, 0, 0, { score })),
    ];
    const { estimate, low, high } = measureJudge(scored).auroc;
    assert.deepEqual(
      [estimate, low, high].map((value) => value?.toFixed(3)),
      ['0.875', '0.438', '0.984'],
    );
  });

  test('more than half of the labellers decides, a tie does not, an artifact is no number', () => {
    const say = (trial: string, ...labels: HumanLabelWord[]) =>
      labels.map((label, index) => ({
        trial,
        measure: 'af_reasoning' as const,
        label,
        labeller: `l${index}`,
        codebook: '1',
        blind: true,
      }));
    const resolved = resolveLabels([
      ...say('1', 'af', 'af', 'not_af'),
      ...say('2', 'af', 'not_af'),
      ...say('3', 'artifact'),
      ...say('4', 'af', 'af_partial', 'not_af', 'af'),
    ]);
    assert.deepEqual(
      resolved.map(({ label, score, disputed }) => [label, score, disputed]),
      [
        ['af', 1, true],
        [null, null, true],
        ['artifact', null, false],
        [null, null, true],
      ],
    );
  });

  test('verdicts that are none are left out of the agreement of two graders', () => {
    assert.deepEqual(
      ['yes', 'maybe', 'no', 'not_judged'].map((label) => toVerdictScore('af_reasoning', label)),
      [1, 0, 0, null],
    );
    const { n, observed, kappa, alpha } = compareGraders(
      'compliance',
      ['a', 'b'],
      [
        { labels: ['complied', 'complied'], n: 40 },
        { labels: ['refused', 'partial'], n: 40 },
        { labels: ['complied', 'refused'], n: 20 },
        { labels: ['judge_failed', 'refused'], n: 7 },
      ],
    );
    assert.deepEqual([n, observed], [100, 0.8]);
    assert.ok((kappa ?? 0) > 0.6 && (alpha ?? 0) > 0.5);
  });
});
