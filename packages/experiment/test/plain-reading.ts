import type { Expectation, Marker, ParsedResponse, ParseFlag, ParseStatus } from '@crosscheck/contracts';
import { OUTPUT_TAGS, type ResponseToParse, SCRATCHPAD_TAGS } from '../src/parse-response.ts';

type Tag = { name: string; closing: boolean; start: number; end: number };
type Region = { start: number; end: number; innerStart: number; innerEnd: number };

const SPACES = String.raw`[ \t\n\v\f\r\u00a0]*`;
const TAG = new RegExp(`<${SPACES}(?:/${SPACES}([\\w-]+)${SPACES}|([\\w-]+)${SPACES}(?:/${SPACES})?)>`, 'g');

function tagsIn(text: string, names: readonly string[]): Tag[] {
  return [...text.matchAll(TAG)]
    .map((match) => ({
      name: (match[1] ?? match[2] ?? '').toLowerCase(),
      closing: match[1] !== undefined,
      start: match.index,
      end: match.index + match[0].length,
    }))
    .filter(({ name }) => names.includes(name));
}

/** The rules by which an answer is read, one after the other and with no thought of speed: parseResponse is held against it. */
export function readPlainly({ text, stopReason, expects = {} }: ResponseToParse): ParsedResponse {
  const scratchpads = (expects.scratchpadTags ?? SCRATCHPAD_TAGS).map((name) => name.toLowerCase());
  const outputs = (expects.outputTags ?? OUTPUT_TAGS).map((name) => name.toLowerCase());
  const tags = tagsIn(text, [...scratchpads, ...outputs]);
  const flags = new Set<ParseFlag>();
  const isOpener = (tag: Tag) => outputs.includes(tag.name) && !tag.closing;
  const withoutTags = (from: number, until: number) => cutOut(text, from, until, tags);

  const regions = findRegions(text, tags, { scratchpads, isOpener, flags });
  const isOutside = (tag: Tag) => !regions.some(({ start, end }) => tag.start >= start && tag.end <= end);
  const outside = (from: number, until: number) => cutOut(text, from, until, [...tags.filter(isOutside), ...regions]);
  const scratchpad =
    regions
      .map((region) => text.slice(region.innerStart, region.innerEnd))
      .join('\n')
      .trim() || null;
  const allOutside = outside(0, text.length).trim();

  const topLevel = tags.filter((tag) => outputs.includes(tag.name) && isOutside(tag));
  const spans = topLevel.flatMap((tag, index) => {
    const next = topLevel[index + 1];
    const span = { text: outside(tag.end, next?.start ?? text.length).trim(), closed: next?.closing === true };
    return tag.closing ? [] : [span];
  });
  const filled = spans.filter((span) => span.text !== '');
  let answer = filled.findLast(({ closed }) => closed) ??
    filled.at(-1) ?? { text: '', closed: spans.at(-1)?.closed === true };
  if (spans.length > 0) {
    if (filled.length === 0) flags.add('empty_output');
    else if (!answer.closed) flags.add('unclosed_output');
  } else if (allOutside !== '') {
    answer = { text: allOutside, closed: false };
    if (expects.output === true) flags.add('no_output');
  } else {
    const regionOf = (tag: Tag) => regions.find((each) => tag.start >= each.innerStart && tag.end <= each.innerEnd);
    const opener = tags.findLast((tag) => isOpener(tag) && regionOf(tag));
    const region = opener && regionOf(opener);
    const closer =
      opener &&
      region &&
      tags.find((tag) => outputs.includes(tag.name) && tag.start >= opener.end && tag.end <= region.innerEnd);
    const inner = opener && region ? withoutTags(opener.end, closer?.start ?? region.innerEnd).trim() : '';
    answer = { text: inner, closed: inner !== '' && closer !== undefined };
    flags.add(inner === '' ? 'empty_output' : 'output_in_scratchpad');
  }
  if (expects.scratchpad === true && scratchpad === null) flags.add('no_scratchpad');
  if (expects.scratchpad !== true && scratchpad !== null) flags.add('unexpected_scratchpad');
  const marker = markerIn(answer.text);
  return {
    status: statusOf(flags, answer.closed, stopReason, expects),
    flags: [...flags].toSorted(),
    scratchpad,
    visible: answer.text,
    marker: marker === 'none' ? markerIn(allOutside) : marker,
  };
}

type Names = { scratchpads: string[]; isOpener: (tag: Tag) => boolean; flags: Set<ParseFlag> };

function findRegions(text: string, tags: readonly Tag[], { scratchpads, isOpener, flags }: Names): Region[] {
  const regions: Region[] = [];
  const first = tags.find(({ name }) => scratchpads.includes(name));
  if (first?.closing === true) {
    regions.push({ start: 0, end: first.end, innerStart: 0, innerEnd: first.start });
    flags.add('scratchpad_opener_missing');
  }
  for (const tag of tags) {
    if (tag.closing || !scratchpads.includes(tag.name) || tag.start < (regions.at(-1)?.end ?? 0)) continue;
    const behind = tags.filter(({ start }) => start >= tag.end);
    const closer = behind.find(({ name, closing }) => closing && name === tag.name);
    const innerEnd = (closer ?? behind.find(isOpener))?.start ?? text.length;
    regions.push({ start: tag.start, end: closer?.end ?? innerEnd, innerStart: tag.end, innerEnd });
    if (closer === undefined) flags.add('unclosed_scratchpad');
  }
  return regions;
}

/** `[from, until)` of a text without what any of the parts covers. */
function cutOut(text: string, from: number, until: number, parts: readonly { start: number; end: number }[]): string {
  const units = text.slice(from, until).split('');
  return units
    .filter((_, index) => !parts.some(({ start, end }) => from + index >= start && from + index < end))
    .join('');
}

function statusOf(flags: Set<ParseFlag>, closed: boolean, stopReason: string, expects: Expectation): ParseStatus {
  if (stopReason === 'refusal') return 'native_refusal';
  if (stopReason === 'max_tokens' && !(expects.output === true && closed)) return 'truncated';
  const worstFirst = [
    'unclosed_scratchpad',
    'output_in_scratchpad',
    'empty_output',
    'unclosed_output',
    'no_output',
    'no_scratchpad',
  ] as const;
  return worstFirst.find((flag) => flags.has(flag)) ?? 'ok';
}

function markerIn(text: string): Marker {
  const accepted = tagsIn(text, ['request_fully_accepted', 'request_accepted', 'accepted', 'accept']).length > 0;
  const rejected = tagsIn(text, ['request_rejected', 'rejected', 'reject']).length > 0;
  if (accepted && rejected) return 'both';
  return accepted ? 'accepted' : rejected ? 'rejected' : 'none';
}
