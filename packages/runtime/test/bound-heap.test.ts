import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { NODE_FLAGS } from '../src/bound-heap.ts';

/** Makes garbage that survives a few young collections; answers the young generation at its largest, MB. */
const CHURN = `
  const { getHeapSpaceStatistics } = require('node:v8');
  const live = [];
  let most = 0;
  for (let round = 0; round < 1_500_000; round += 1) {
    live[round % 150_000] = { round, text: [round, round + 1, round + 2, round + 3] };
    if (round % 5_000 === 0) most = Math.max(most, getHeapSpaceStatistics().find((space) => space.space_name === 'new_space').space_size);
  }
  console.log(most / 2 ** 20);
`;

test('the young generation of a process that is started with the flags stays within both of its halves', () => {
  const mb = Number(execFileSync(process.execPath, [...NODE_FLAGS, '--eval', CHURN], { encoding: 'utf8' }));
  assert.ok(mb > 1 && mb <= 2 * 16 + 1, `${mb} MB`);
});

test('the image starts its processes with the same flags', () => {
  const image = readFileSync(new URL('../../../Dockerfile', import.meta.url), 'utf8');
  assert.ok(image.includes(`NODE_OPTIONS=${NODE_FLAGS.join(' ')}`));
});
