import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Cell, ContrastMetric, Corrected, Metrics, SeriesValue } from '@crosscheck/contracts';
import { renderMetrics } from '../src/cli/report.ts';
import { metricsOf } from './support/answers.ts';

const corrected = (more: Partial<Corrected>): Corrected => ({
  estimate: null,
  se: null,
  low: null,
  high: null,
  refused: null,
  clamped: false,
  n: 60,
  ...more,
});
const contrast = (more: Partial<ContrastMetric>): ContrastMetric => ({
  id: 'tier',
  model: 'sim/m',
  grader: 'compliance',
  metric: 'compliance_gap',
  treatment: 'free',
  control: 'paid',
  pairs: 40,
  estimate: 0.1,
  se: 0.04,
  ci: { low: 0.02, high: 0.18, level: 0.95, method: 't' },
  p: 0.0214,
  incompletePairs: 0,
  missing: { treatment: 0, control: 0 },
  bounds: { low: 0.02, high: 0.18 },
  sequence: null,
  simulated: true,
  warnings: [],
  pHolm: 0.0214,
  pBh: 0.0214,
  ...more,
});
const value = (estimate: number | null, reason: SeriesValue['reason'] = null): SeriesValue => ({
  estimate,
  se: null,
  ci:
    reason === null && estimate !== null
      ? { low: estimate - 0.05, high: estimate + 0.05, level: 0.95, method: 't' }
      : { low: null, high: null, level: 0.95, method: null },
  n: 40,
  prompts: 40,
  reason,
});

const render = (more: Partial<Metrics>) => renderMetrics({ ...metricsOf(), ...more });

suite('metrics in a terminal', () => {
  test('show p adjusted and missing shares where they say something, and only there', () => {
    assert.doesNotMatch(render({ contrasts: [contrast({})] }), /Holm|BH|missing %/);
    const text = render({
      contrasts: [contrast({ pHolm: 0.0428, pBh: 0.0321 }), contrast({ missing: { treatment: 0.125, control: 0 } })],
    });
    assert.match(text, /p +Holm +BH +incomplete +bounds +missing %/);
    assert.match(text, /0\.0214 +0\.0428 +0\.0321/);
    assert.match(text, /12\.5 \/ 0\.0/);
  });

  test('show sequences where a reader may look at no other interval, and there alone', () => {
    const [first] = metricsOf().cells as [Cell];
    const rows = {
      cells: [{ ...first, sequence: { low: 0.05, high: 0.4 } }],
      contrasts: [contrast({ sequence: { low: -0.1, high: 0.333 } })],
    };
    assert.doesNotMatch(render({ ...rows, settled: 8, planned: 8 }), /sequence/);
    const running = render({ ...rows, state: 'running', settled: 4, planned: 8 });
    assert.match(running, /interval +sequence/);
    assert.match(running, /\[5\.0, 40\.0\]/);
    assert.match(running, /\[-10\.0, \+33\.3\]/);
    const narrow = renderMetrics({ ...metricsOf(), ...rows, state: 'running', settled: 4, planned: 8 }, { width: 40 });
    assert.match(narrow, /rate +sequence/);
    assert.doesNotMatch(narrow, /interval +sequence/);
    const stopped = { ...rows, cells: [{ ...first, missing: { cancelled: 3, total: 3 } }] };
    assert.match(render({ ...stopped, settled: 8, planned: 8 }), /interval +sequence/);
  });

  test('say what is in no rate of reasoning', () => {
    const [first] = metricsOf().cells as [Cell];
    const af = { ...first, grader: 'af', metric: 'af_rate', missing: { not_judged: 91, no_reasoning: 1, total: 0 } };
    assert.match(render({ cells: [af] }), /Not judged by af: 91 trials, left out by its prefilter\./);
    assert.match(render({ cells: [af] }), /No reasoning for af to judge: 1 trial, in no rate of it\./);
    assert.doesNotMatch(render({ cells: [first] }), /prefilter/);
  });

  test('show corrected numbers beside raw ones, or why there is none', () => {
    const [first] = metricsOf().cells as [Cell];
    assert.doesNotMatch(
      render({ cells: [{ ...first, corrected: null, correctedReason: 'not_calibrated' }] }),
      /by its/,
    );
    const roganGladen = corrected({ estimate: 0.157, low: 0.06, high: 0.254 });
    const ppi = corrected({ refused: 'labels_not_drawn' });
    const text = render({
      cells: [
        { ...first, corrected: { version: 'v', roganGladen, ppi, warnings: [] }, correctedReason: null },
        { ...first, corrected: null, correctedReason: 'not_calibrated' },
      ],
    });
    assert.match(text, /by its judge +by its labels/);
    assert.match(text, /15\.7 \[6\.0, 25\.4\] +labels_not_drawn/);
    assert.match(text, /not_calibrated/);
  });

  test('show checkpoints by step, with what keeps a number from an interval', () => {
    const point = { afReasoning: null, simulated: true };
    const series = {
      family: 'ckpt\u001b[31m',
      grader: 'compliance',
      contrast: 'tier',
      treatment: 'free',
      control: 'paid',
      metric: 'compliance_rate',
      reason: null,
      points: [
        {
          ...point,
          model: 'sim/a',
          step: 0,
          treatment: value(0.2),
          control: value(0.1),
          gap: value(0.1),
          retainedNonCompliance: value(1, 'first_step'),
        },
        {
          ...point,
          model: 'sim/b',
          step: 1500,
          treatment: value(0.6),
          control: value(0.5),
          gap: value(null, 'no_pairs'),
          retainedNonCompliance: value(0.55),
        },
      ],
    };
    const text = render({ series: [series] });
    assert.match(text, /ckpt\\x1b\[31m by step, compliance_rate by compliance, free − paid\n/);
    assert.match(text, /0 +sim\/a \(simulated\) +20\.0 \[15\.0, 25\.0\].*100\.0 \(first step\)/);
    assert.match(text, /1500 +sim\/b .*no pairs.* 55\.0 \[50\.0, 60\.0\]/);
    assert.doesNotMatch(text, /AF reasoning/);
    assert.match(render({ series: [{ ...series, points: [], reason: 'no_contrasts' }] }), /no curve: the sweep has no/);
  });

  test('say what ended early by which rule, and whether the gaps survive their controls', () => {
    const text = render({
      stops: [
        {
          model: 'sim/m',
          condition: 'free',
          rule: 'gap-decided',
          specHash: 'h',
          trials: 1_200,
          at: '2026-11-21T10:00:00.000Z',
        },
      ],
      summary: { claim: 'tier', survives: false, sentence: 'The gap does not survive: not lab-swap.', checks: [] },
    });
    assert.match(text, /Ended early: sim\/m under free, 1,200 trials not run, because gap-decided\. Only its sequence/);
    assert.match(text, /Controls: The gap does not survive: not lab-swap\./);
  });

  test('say of a sweep that runs that its controls are as if it ended now', () => {
    const summary = { claim: 'tier', survives: true, sentence: 'The gap survives its controls: lab-swap.', checks: [] };
    const text = render({ summary, state: 'running', settled: 4, planned: 8 });
    assert.match(text, /Controls, if it ended now: The gap survives/);
  });
});
