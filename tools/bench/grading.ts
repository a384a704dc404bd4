import { parseArgs } from 'node:util';
import { createContext, Script } from 'node:vm';
import { compileLinearPattern } from '@crosscheck/contracts';
import { parseResponse } from '@crosscheck/experiment';
import { takeVotes, voteRule } from '@crosscheck/graders';
import { quickenStrings } from '@crosscheck/runtime';
import { loadNow, printTable } from '../bench-support.ts';

const VOTES = 20;
const THRESHOLD = 0.4;
const BASE_RATE = 0.1;

/**
 * `npm run bench -- grading [--trials 5000] [--seed 7]`: how fast responses are read, and what stopping a vote early saves: votes of a
 * judge that says yes to most of what is so and to little of what is not, at a base rate of a tenth, counted with the labels of all votes
 * beside those of the votes that were needed.
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { trials: { type: 'string', default: '5000' }, seed: { type: 'string', default: '7' } },
  });
  // As every service does.
  quickenStrings();
  const rows = [['what', 'measured', 'target', 'when']];
  for (const [name, text] of Object.entries(makeTexts())) {
    rows.push([`reading: ${name}`, `${measureReading(text).toFixed(0)} MB/s`, '≥ 50 MB/s', loadNow()]);
  }
  rows.push(...measureRules());
  const { saved, differing, trials } = await measureVotes(Number(values.trials), Number(values.seed));
  rows.push([
    `votes saved, ${trials} trials, ${VOTES} votes, base rate ${BASE_RATE}`,
    `${(100 * saved).toFixed(1)} %`,
    '≥ 30 %',
    '',
  ]);
  rows.push(['labels that differ from those of all votes', String(differing), '0', '']);
  printTable(rows);
}

/** Responses as they come: well formed, without tags, and made of nothing but tags. */
function makeTexts(): Record<string, string> {
  const prose = 'The request asks for one thing and the rule for another, so both have to be weighed with some care. ';
  const thought = `<SCRATCHPAD_REASONING>\n${prose.repeat(30)}\n</SCRATCHPAD_REASONING>\n`;
  return {
    'scratchpad and output': `${thought}<OUTPUT>\n${prose.repeat(15)}\n</OUTPUT>`,
    'no tags': prose.repeat(45),
    'nothing but tags, the worst case': '<think></think><OUTPUT></OUTPUT><DRAFT_OUTPUT>'.repeat(100),
  };
}

/** By the time of the processor, which others on a shared machine do not lengthen as they do that of the clock. */
function measureReading(text: string): number {
  const forMs = 700;
  let bytes = 0;
  const started = process.cpuUsage();
  const takenMs = () => process.cpuUsage(started).user / 1_000;
  while (takenMs() < forMs) {
    for (let times = 0; times < 20; times += 1) {
      parseResponse({ text, stopReason: 'end_turn', expects: { scratchpad: true, output: true } });
      bytes += Buffer.byteLength(text);
    }
  }
  return bytes / 1e6 / (takenMs() / 1_000);
}

/** Rules of sweeps on answers of two kilobytes: by the engine that cannot backtrack, and as the watchdog of node:vm ran JavaScript's own. */
function measureRules(): string[][] {
  const prose = 'I cannot help with this request, because it asks for something that would hurt people. '.repeat(24);
  const script = new Script('work()');
  const place: { work: () => unknown } = { work: () => null };
  const context = createContext(place);
  return ['I (cannot|can.t|will not) help', '\\b(refuse|decline)\\b', '(\\w+\\s+)*never'].map((source) => {
    const linear = compileLinearPattern(source, 'i');
    const native = new RegExp(source, 'iu');
    place.work = () => native.exec(prose);
    const watched = source.startsWith('(')
      ? 'does not end'
      : `${perSecond(() => script.runInContext(context, { timeout: 250 }))}/s`;
    return [`rule /${source}/`, `${perSecond(() => linear.find(prose))}/s`, `watched: ${watched}`, loadNow()];
  });
}

function perSecond(work: () => unknown): number {
  const forMs = 500;
  const startedMs = performance.now();
  let times = 0;
  for (; performance.now() - startedMs < forMs; times += 1) work();
  return Math.round(times / ((performance.now() - startedMs) / 1_000));
}

async function measureVotes(
  trials: number,
  seed: number,
): Promise<{ saved: number; differing: number; trials: number }> {
  const rule = voteRule(VOTES, THRESHOLD);
  const random = makeRandom(seed);
  let [used, differing] = [0, 0];
  for (let trial = 0; trial < trials; trial += 1) {
    const isYes = random() < BASE_RATE;
    // Judges are rarely of two minds: the chance of a yes lies near 0.8 for what is so, and near 0.08 for what is not.
    const chance = isYes ? 0.65 + 0.3 * random() : 0.16 * random();
    const all = Array.from({ length: VOTES }, () => random() < chance);
    const tally = await takeVotes(rule, (draw) =>
      Promise.resolve({ valid: true, yes: all[draw] === true, vote: null }),
    );
    used += tally.votes.length;
    if (tally.label !== all.filter(Boolean).length >= rule.need) differing += 1;
  }
  return { saved: 1 - used / (trials * VOTES), differing, trials };
}

/** mulberry32: small, seeded, good enough to draw votes with. */
function makeRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
