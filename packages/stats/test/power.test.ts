import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { minimumDetectableGap, requiredPrompts } from '../src/index.ts';

suite('planning', () => {
  const variance = fc.double({ min: 0.001, max: 0.25, noNaN: true });
  const design = fc.record({
    omega2: variance,
    sigma2Treatment: variance,
    sigma2Control: variance,
    samplesTreatment: fc.integer({ min: 1, max: 20 }),
    samplesControl: fc.integer({ min: 1, max: 20 }),
  });

  test('the prompts that a gap requires can detect that gap, and one fewer cannot', () => {
    fc.assert(
      fc.property(design, fc.double({ min: 0.01, max: 0.3, noNaN: true }), (plan, delta) => {
        const { prompts, exact } = requiredPrompts(delta, plan);
        assert.ok(prompts !== null && exact !== null);
        assert.ok((minimumDetectableGap(prompts, plan) ?? 1) <= delta + 1e-9);
        if (prompts > 2) assert.ok((minimumDetectableGap(prompts - 1, plan) ?? 0) > delta - 1e-9);
      }),
    );
  });

  test('the gap that n prompts can just detect requires n prompts', () => {
    fc.assert(
      fc.property(design, fc.integer({ min: 2, max: 100_000 }), (plan, prompts) => {
        assert.equal(requiredPrompts(minimumDetectableGap(prompts, plan) ?? 0, plan).prompts, prompts);
      }),
    );
  });

  test('more samples per prompt never need more prompts', () => {
    fc.assert(
      fc.property(design, (plan) => {
        const more = requiredPrompts(0.05, { ...plan, samplesControl: plan.samplesControl + 1 });
        assert.ok((more.exact ?? 0) <= (requiredPrompts(0.05, plan).exact ?? 0));
      }),
    );
  });

  test('the smallest error rate that there is has a plan', () => {
    const plan = { omega2: 0.1, sigma2Treatment: 0.1, sigma2Control: 0.1, samplesTreatment: 1, samplesControl: 1 };
    const { prompts } = requiredPrompts(0.1, { ...plan, alpha: Number.MIN_VALUE });
    const { prompts: usual } = requiredPrompts(0.1, { ...plan, alpha: 1e-300 });
    assert.ok(prompts !== null && usual !== null && prompts > usual, `${prompts} after ${usual}`);
  });

  test('plans that make no sense are refused', () => {
    const plan = { omega2: 0.1, sigma2Treatment: 0, sigma2Control: 0, samplesTreatment: 1, samplesControl: 0 };
    assert.throws(() => requiredPrompts(0.1, plan), /1 and 0 samples per prompt/);
    assert.throws(() => requiredPrompts(0.1, { ...plan, samplesControl: 1, power: 1 }), /power is 1/);
    assert.throws(() => requiredPrompts(0.1, { ...plan, samplesControl: 1, omega2: -1 }), /omega2 is -1/);
    assert.throws(() => requiredPrompts(Number.NaN, { ...plan, samplesControl: 1 }), /delta is NaN/);
    const endless = { ...plan, samplesControl: 1, sigma2Control: Infinity };
    assert.throws(() => minimumDetectableGap(10, endless), /sigma2Control is Infinity/);
  });

  test('a power that chance alone has takes no gap, never one below zero', () => {
    const plan = { omega2: 0.01, sigma2Treatment: 0.1, sigma2Control: 0.1, samplesTreatment: 1, samplesControl: 1 };
    // z of .975 is 1.96, z of .01 is -2.33: the two errors add up to less than nothing.
    assert.equal(minimumDetectableGap(50, { ...plan, power: 0.01 }), 0);
    assert.equal(minimumDetectableGap(50, { ...plan, alpha: 0.9, power: 0.3 }), 0);
    assert.deepEqual(requiredPrompts(0.05, { ...plan, power: 0.01 }), { exact: 0, prompts: 2 });
    assert.ok((minimumDetectableGap(50, { ...plan, power: 0.03 }) ?? 0) > 0);
  });
});
