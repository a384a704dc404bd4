import { count, counted, type Report } from '@crosscheck/contracts';
import { escapeHtml } from '../http/escape-html.ts';
import { correctedTable } from './corrected-table.ts';
import { findEarly, shownInterval } from './early.ts';
import { points, pValue, range, usd, words } from './figures.ts';
import { forestPlot } from './forest-plot.ts';
import { matrixPlot } from './matrix-plot.ts';
import { describeParsers } from './methods.ts';
import { missingSection } from './missing-section.ts';
import { ratesPlot } from './rates-plot.ts';
import { seriesSection } from './series-section.ts';
import { REPORT_STYLE } from './style.ts';
import { agreementTable, gapsTable, judgesTable, ratesTable, table } from './tables.ts';

const CARDS_MAX = 4;

/** Names the only thing that a report may load: its own style. A text that got through would still not run. */
const POLICY = `default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'`;

/** The policy as a header, which may also forbid frames. */
export const REPORT_POLICY = `${POLICY}; frame-ancestors 'none'`;

/** A report as one HTML file that needs nothing else: no script, no picture, no style from elsewhere. */
export function renderReport(report: Report): string {
  const { sweep } = report;
  const body = [
    headline(report),
    section('What was asked', asked(report)),
    section('Gaps', gaps(report), 'No contrast was asked for, or nothing has settled yet.'),
    section('Controls', controls(report)),
    section('Rates', rates(report), 'Nothing has settled yet.'),
    section('Checkpoints', seriesSection(report.series)),
    section('What is missing', missingSection(report)),
    section('Prompt by prompt', matrix(report)),
    section(
      'Graders and their calibration',
      judgesTable(report.judges) + agreementTable(report.agreement) + correctedTable(report.cells, report.contrasts),
    ),
    section('What ended early', stops(report)),
    section('Calls and money', spend(report)),
    section('To mind', list([...report.warnings, ...warningsOf(report)])),
    section('Methods', report.methods.map((text) => `<p>${escapeHtml(text)}</p>`).join('')),
    section('What this does not say', list(report.caveats)),
    `<footer>Crosscheck · sweep <code>${escapeHtml(sweep.id)}</code> · written ${escapeHtml(minute(report.generatedAt))}</footer>`,
  ];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta http-equiv="Content-Security-Policy" content="${escapeHtml(POLICY)}"><title>${escapeHtml(sweep.name)} · Crosscheck report</title><style>${REPORT_STYLE}</style></head><body><main>${body.join('\n')}</main></body></html>
`;
}

function section(title: string, content: string, ifEmpty?: string): string {
  if (content === '' && ifEmpty === undefined) return '';
  return `<section><h2>${title}</h2>${content === '' ? `<p class="quiet">${ifEmpty}</p>` : content}</section>`;
}

const LOUD: Record<string, string> = {
  simulated: '<strong>SIMULATED.</strong> A stand-in answered. These numbers say nothing about a real model.',
  imported: '<strong>IMPORTED.</strong> These outcomes were labelled elsewhere.',
};

function headline(report: Report): string {
  const { sweep, progress, summary } = report;
  const loud = LOUD[sweep.provenance];
  const reason = sweep.stateReason === null ? '' : ` (${sweep.stateReason})`;
  return `<header><p class="eyebrow">${escapeHtml(sweep.study ?? 'sweep')}</p><h1>${escapeHtml(sweep.name)}</h1>
<p class="quiet">${escapeHtml(`${sweep.state}${reason} · ${count(progress.settled)} of ${count(progress.planned)} trials · ${minute(sweep.finishedAt ?? sweep.createdAt)}`)}</p>
${loud === undefined ? '' : `<p class="loud">${loud}</p>`}${summary === null ? '' : `<p>${progress.settled < progress.planned ? 'If it ended now: ' : ''}${escapeHtml(summary.sentence)}</p>`}${cards(report)}</header>`;
}

/** The first gaps at a glance; all of them stand below. One that ended early, or has not ended, shows what holds at any moment. */
function cards({ cells, contrasts }: Report): string {
  const early = findEarly(cells, contrasts);
  const shown = contrasts.filter(({ estimate }) => estimate !== null).slice(0, CARDS_MAX);
  if (shown.length === 0) return '';
  const items = shown.map((contrast) => {
    const { metric, model, grader, treatment, control, estimate, p, pairs, simulated } = contrast;
    const isEarly = early.has(contrast);
    const interval = range(shownInterval(contrast, isEarly), points);
    const about = isEarly ? 'early: its sequence alone holds' : `p ${pValue(p)}`;
    return `<li><span>${escapeHtml(words(metric))}</span><b>${points(estimate)}</b><span>points, 95 % ${interval}</span><span>${about} · ${counted(pairs, 'pair')}</span><span>${escapeHtml(`${treatment} − ${control}, ${grader}`)}</span><span>${escapeHtml(model)}${simulated ? ' · simulated' : ''}</span></li>`;
  });
  return `<ul class="cards">${items.join('')}</ul>`;
}

function asked({ sweep, dataset, conditions, graders }: Report): string {
  const facts: [string, string][] = [
    ['models', sweep.models.join(', ')],
    [
      'dataset',
      dataset === null ? 'none' : `${dataset.name}, ${counted(dataset.prompts, 'prompt')}, version ${dataset.version}`,
    ],
    ['samples', `${count(sweep.samples)} of each prompt, condition and model`],
    [
      'sampling',
      Object.entries(sweep.sampling)
        .map(([name, value]) => `${name} ${value}`)
        .join(', '),
    ],
    ['seed', String(sweep.seed)],
    ['parser', describeParsers(sweep.parsers)],
    ['specification', sweep.specHash],
    ...Object.entries(sweep.labels),
  ];
  const list = facts.map(([name, text]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(text)}</dd>`).join('');
  const conditionTable = table<Report['conditions'][number]>(
    'Conditions; equal fingerprints are equal bytes',
    [
      { title: 'condition', show: ({ id }) => id },
      {
        title: 'labels',
        show: ({ labels }) =>
          Object.entries(labels)
            .map(([name, text]) => `${name} ${text}`)
            .join(', '),
      },
      { title: 'fingerprint', show: ({ fingerprint }) => fingerprint.slice(0, 16) },
    ],
    conditions,
  );
  const graderTable = table<Report['graders'][number]>(
    'Graders, in their order',
    [
      { title: 'grader', show: ({ id }) => id },
      { title: 'kind', show: ({ kind, model }) => (model === null ? kind : `${kind}: ${model}`) },
      { title: 'measures', show: ({ measures }) => measures.replaceAll('_', ' ') },
      { title: 'version', show: ({ version }) => version.slice(0, 16) },
    ],
    graders,
  );
  return `<dl>${list}</dl>${conditionTable}${graderTable}`;
}

function gaps({ cells, contrasts }: Report): string {
  const early = findEarly(cells, contrasts);
  return [...Map.groupBy(contrasts, ({ metric }) => metric)]
    .map(
      ([metric, rows], index) =>
        `<h3>${escapeHtml(words(metric))}</h3>${forestPlot(metric, rows, { id: `gaps-${index}`, early })}` +
        gapsTable(metric, rows, early),
    )
    .join('');
}

/** What each control says of each gap; the line at the top is put together from these. */
function controls({ summary, contrasts, cells }: Report): string {
  const early = findEarly(cells, contrasts);
  type Check = NonNullable<Report['summary']>['checks'][number];
  const show = (model: string, grader: string, id: string) => {
    // A contrast of a grader of compliance has its gap first, and without alignment faking after it.
    const found = contrasts.find((one) => one.model === model && one.grader === grader && one.id === id);
    return found === undefined
      ? '–'
      : `${points(found.estimate)} (${range(shownInterval(found, early.has(found)), points)})`;
  };
  return table<Check>(
    summary?.claim ?? '',
    [
      { title: 'model', show: ({ model }) => model },
      { title: 'gap', show: ({ contrast }) => contrast },
      {
        title: 'as it is',
        show: ({ model, grader, contrast }) => show(model, grader, contrast),
        isNumber: true,
      },
      { title: 'control', show: ({ control }) => control },
      {
        title: 'under the control',
        show: ({ model, grader, controlContrast }) => show(model, grader, controlContrast),
        isNumber: true,
      },
      {
        title: 'the gap',
        show: ({ survives }) => (survives === null ? 'is left open' : survives ? 'survives' : 'does not survive'),
      },
    ],
    summary?.checks ?? [],
  );
}

function rates({ cells }: Report): string {
  return [...Map.groupBy(cells, ({ metric }) => metric)]
    .map(
      ([metric, rows], index) =>
        `<h3>${escapeHtml(words(metric))}</h3>${ratesPlot(metric, rows, `rates-${index}`)}` + ratesTable(metric, rows),
    )
    .join('');
}

function matrix({ matrix: shown }: Report): string {
  if (shown === null || shown.prompts.length === 0) return '';
  const note =
    shown.prompts.length < shown.total
      ? `<p class="quiet">The first ${count(shown.prompts.length)} of ${count(shown.total)} prompts of the dataset are shown; the numbers above are of all.</p>`
      : '';
  const about = `<p class="quiet">By ${escapeHtml(shown.grader)}: a line for each condition and model, a column for each prompt, those with the highest rates first.</p>`;
  return `${about}${matrixPlot(shown, 'matrix')}${note}`;
}

function spend({ spend: { usd: spent, budgetUsd, calls, tokens }, deadLetters }: Report): string {
  const facts: [string, string][] = [
    ['spent', `${usd(spent)}${budgetUsd === null ? '' : ` of ${usd(budgetUsd)}`}`],
    ['calls', `${count(calls)}, lost ones included`],
    [
      'tokens',
      Object.entries(tokens)
        .map(([name, n]) => `${name} ${count(n)}`)
        .join(', '),
    ],
  ];
  const list = facts.map(([name, text]) => `<dt>${name}</dt><dd>${escapeHtml(text)}</dd>`).join('');
  return `<dl>${list}</dl>${table<Report['deadLetters'][number]>(
    'Trials that failed for good, by cause',
    [
      { title: 'code', show: ({ code }) => code },
      { title: 'trials', show: (group) => count(group.count), isNumber: true },
      { title: 'of', show: ({ purpose }) => purpose },
      { title: 'lane', show: ({ lane }) => lane ?? '' },
      { title: 'detail', show: ({ detail }) => detail },
    ],
    deadLetters,
  )}`;
}

function stops({ stops: early }: Report): string {
  return table<Report['stops'][number]>(
    'Cells that met the rules that were fixed beforehand; of their numbers only the sequence holds',
    [
      { title: 'model', show: ({ model }) => model },
      { title: 'condition', show: ({ condition }) => condition },
      { title: 'rule', show: ({ rule }) => rule },
      { title: 'trials not run', show: ({ trials }) => count(trials), isNumber: true },
      { title: 'at', show: ({ at }) => minute(at) },
      { title: 'fixed by specification', show: ({ specHash }) => specHash.slice(0, 16) },
    ],
    early,
  );
}

/** Places that a warning names one by one; of more it names the models alone. */
const PLACES_MAX = 6;

/** Each warning of the metrics once, with the metrics that it is about and where. */
function warningsOf({ cells, contrasts }: Report): string[] {
  const all = [
    ...cells.map((cell) => ({ ...cell, place: `${cell.model} under ${cell.condition}` })),
    ...contrasts.map((one) => ({ ...one, place: `${one.model}, ${one.treatment} − ${one.control}` })),
  ].flatMap(({ warnings, corrected, metric, model, place }) =>
    [...warnings, ...(corrected?.warnings ?? [])].map((text) => ({ text, metric, model, place })),
  );
  return [...Map.groupBy(all, ({ text }) => text)].map(([text, some]) => {
    const about = [...Map.groupBy(some, ({ metric }) => metric)].map(([metric, rows]) => {
      const places = new Set(rows.map(({ place }) => place));
      const named = places.size > PLACES_MAX ? new Set(rows.map(({ model }) => model)) : places;
      return `${words(metric)}: ${[...named].join('; ')}`;
    });
    return `${text} (${about.join('. ')})`;
  });
}

function list(texts: readonly string[]): string {
  return texts.length === 0
    ? ''
    : `<ul class="notes">${texts.map((text) => `<li>${escapeHtml(text)}</li>`).join('')}</ul>`;
}

const minute = (iso: string): string => `${iso.slice(0, 16).replace('T', ' ')} UTC`;
