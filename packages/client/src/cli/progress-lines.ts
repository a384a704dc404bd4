import { BEHAVIOURS, count, type Outcome, OUTCOMES, type SweepDetail } from '@crosscheck/contracts';
import { duration, usd } from './format.ts';
import { cut, plain } from './text.ts';

export type Look = { width: number; colours: boolean };

const BAR_WIDTH_MAX = 32;
const RESET = '\x1b[0m';
const DIM = '\x1b[2m';
/** One colour for each behaviour; whatever is missing shares the last one. Readable on dark and light, and by the colour-blind. */
const COLOUR_OF: Record<string, string> = {
  complied: '\x1b[33m',
  partial: '\x1b[35m',
  refused: '\x1b[34m',
  undecided: '\x1b[36m',
  missing: '\x1b[31m',
};

/** Where a sweep stands, in two or three lines: the bar, the outcomes, and why it waits when it does. */
export function progressLines(view: SweepDetail, { width, colours }: Look): string[] {
  const { planned, settled, outcomes } = view.progress;
  const share = planned === 0 ? 0 : Math.floor((settled / planned) * 100);
  const facts = [`${count(settled)} of ${count(planned)} (${share} %)`, ...paceOf(view), ...spendOf(view)];
  const counts = OUTCOMES.filter((outcome) => (outcomes[outcome] ?? 0) > 0).map(
    (outcome) => `${outcome} ${count(outcomes[outcome] ?? 0)}`,
  );
  const waits = waitsOf(view).map(({ detail }) => cut(`  waits: ${plain(detail)}`, width));
  const barWidth = Math.max(8, Math.min(BAR_WIDTH_MAX, width - 48));
  return [
    `${bar(view, barWidth, colours)}  ${cut(`${view.state}  ${facts.join('  ')}`, Math.max(1, width - barWidth - 2))}`,
    ...(counts.length > 0 ? [paint(cut(`  ${counts.join(' · ')}`, width), DIM, colours)] : []),
    ...waits,
  ];
}

/** To stand in a queue that moves is not to wait. */
function waitsOf({ waiting, perMinute }: SweepDetail): SweepDetail['waiting'] {
  return waiting.filter(({ reason }) => perMinute === 0 || (reason !== 'queue' && reason !== 'dispatch'));
}

function paceOf({ perMinute, eta, state }: SweepDetail): string[] {
  if (state !== 'running') return [];
  const pace = perMinute > 0 ? [`${count(Math.round(perMinute))}/min`] : [];
  return eta === null ? pace : [...pace, `about ${duration(eta.ms)} left`];
}

function spendOf({ spend: { spentPicoUsd, budgetPicoUsd } }: SweepDetail): string[] {
  return [budgetPicoUsd === null ? usd(spentPicoUsd) : `${usd(spentPicoUsd)} of ${usd(budgetPicoUsd)}`];
}

/** Segments by outcome. Cumulated shares are rounded, so that the segments always add up to the settled part. */
function bar({ progress: { planned, outcomes } }: SweepDetail, width: number, colours: boolean): string {
  const segments = [...BEHAVIOURS, 'missing' as const].map((kind) => ({ kind, n: countOf(outcomes, kind) }));
  const total = Math.max(1, planned);
  let [text, drawn, cumulated] = ['', 0, 0];
  for (const { kind, n } of segments) {
    cumulated += n;
    const cells = Math.min(width, Math.round((cumulated / total) * width)) - drawn;
    drawn += cells;
    text += paint('━'.repeat(cells), COLOUR_OF[kind] ?? '', colours && cells > 0);
  }
  return text + paint((colours ? '━' : '─').repeat(width - drawn), DIM, colours);
}

function countOf(outcomes: SweepDetail['progress']['outcomes'], kind: string): number {
  if (kind !== 'missing') return outcomes[kind as Outcome] ?? 0;
  const behaviours: readonly string[] = BEHAVIOURS;
  return OUTCOMES.filter((each) => !behaviours.includes(each)).reduce((sum, each) => sum + (outcomes[each] ?? 0), 0);
}

const paint = (text: string, colour: string, colours: boolean): string =>
  colours && text !== '' ? `${colour}${text}${RESET}` : text;
