import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { NODE_FLAGS } from '../src/bound-heap.ts';

/**
 * Makes garbage that survives a few young collections; answers what the young generation takes at most of its looks, MB. While V8 moves whole
 * pages out of it they count on both sides, so that a single look may find half as much again.
 */
const CHURN = `
  const { getHeapSpaceStatistics } = require('node:v8');
  const [live, looks] = [[], []];
  for (let round = 0; round < 1_500_000; round += 1) {
    live[round % 150_000] = { round, text: [round, round + 1, round + 2, round + 3] };
    if (round % 5_000 === 0) looks.push(getHeapSpaceStatistics().find((space) => space.space_name === 'new_space').space_size);
  }
  console.log(looks.sort((a, b) => a - b)[looks.length / 2] / 2 ** 20);
`;

test('the young generation of a process that is started with the flags stays within both of its halves', () => {
  const measure = (flags: readonly string[]) =>
    Number(execFileSync(process.execPath, [...flags, '--eval', CHURN], { encoding: 'utf8' }));
  const [mb, small] = [measure(NODE_FLAGS), measure(['--max-semi-space-size=2'])];
  assert.ok(mb > 1 && mb <= 2 * 16 + 1, `${mb} MB`);
  assert.ok(small < mb, `${small} MB with less, ${mb} MB`);
});

test('the image starts its processes with the same flags', () => {
  const image = readFileSync(new URL('../../../Dockerfile', import.meta.url), 'utf8');
  assert.ok(image.includes(`NODE_OPTIONS=${NODE_FLAGS.join(' ')}`));
});
