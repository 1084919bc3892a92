/** A closed month as a document for people, in one of two languages; how it looks is the matter of who renders it. Pure. */
import { at, listAt, numberAt, textAt } from '../contract/json.ts';
import { type Language, type Tone, WORDS, type Words } from './words.ts';

export type Cell = string;
export type Block =
  | { readonly block: 'Heading'; readonly text: string }
  | { readonly block: 'Text'; readonly text: string }
  | { readonly block: 'List'; readonly items: readonly string[] }
  | {
      readonly block: 'Table';
      readonly caption: string;
      readonly head: readonly Cell[];
      readonly rows: readonly (readonly Cell[])[];
    }
  /** A bar of parts that add up; `alt` says in words what it shows. */
  | {
      readonly block: 'Bar';
      readonly alt: string;
      readonly parts: readonly { readonly tone: Tone; readonly value: number; readonly label: string }[];
    };

export type ReportDocument = {
  readonly language: Language;
  readonly title: string;
  readonly subtitle: string;
  /** What a reader has five minutes for. */
  readonly front: readonly Block[];
  readonly rest: readonly Block[];
};

export type DocumentFacts = {
  /** The lines of the report. */
  readonly lines: readonly string[];
  readonly language: Language;
  readonly sha256: string;
  readonly closedAt: string;
  readonly comment?: { readonly text: string; readonly by: string } | undefined;
  readonly corrections?:
    | readonly { readonly at: string; readonly by: string; readonly reason: string; readonly sha256: string }[]
    | undefined;
};

/** A line as it is read: of a later version it may say more than is told here. */
type Said = Readonly<Record<string, unknown>>;

/** Throws where the lines are no report. */
export function documentOf(facts: DocumentFacts): ReportDocument {
  const said = facts.lines.map(line => JSON.parse(line) as Said);
  const of = (line: string) => said.filter(each => each.line === line);
  const [report] = of('Report');
  const [summary] = of('Summary');
  if (report === undefined || summary === undefined)
    throw new Error('the lines are no report: they have no Report and no Summary');
  const words = WORDS[facts.language];
  const zone = textAt(report, 'timeZone') ?? 'UTC';
  const scribe: Scribe = { words, when: text => words.when(text, zone) };
  const [systems, clocks, objects] = [of('System'), of('Clock'), of('Object')];
  return {
    ...{ language: facts.language, title: words.title(words.month(textAt(report, 'month') ?? '')) },
    subtitle: words.subtitle(
      textAt(report, 'customer') ?? '',
      textAt(report, 'billingId') ?? '',
      textAt(report, 'contract') ?? '',
    ),
    front: front(summary, systems, clocks, facts, scribe),
    rest: [
      ...availability(systems, scribe),
      ...promises(systems, scribe),
      ...incidents(clocks, objects, scribe),
      ...changes(objects, scribe),
      ...others(objects, scribe),
      ...gaps(report, scribe),
      ...definitions(report, facts, scribe),
    ],
  };
}

type Scribe = { readonly words: Words; readonly when: (instant: string) => string };

function front(
  summary: Said,
  systems: readonly Said[],
  clocks: readonly Said[],
  facts: DocumentFacts,
  { words, when }: Scribe,
): Block[] {
  const count = (name: string) => numberAt(summary, 'promises', name) ?? 0;
  const [kept, broken, unproven, all] = [count('kept'), count('broken'), count('unproven'), count('of')];
  const parts = (
    [
      ['Kept', kept],
      ['Broken', broken],
      ['Unproven', unproven],
    ] as const
  ).map(([tone, value]) => ({
    ...{ tone, value, label: words.tones[tone] },
  }));
  const breaches = [
    ...brokenPromises(systems, words),
    ...clocks.filter(each => each.outcome === 'Breached').map(each => breach(each, words, when)),
  ];
  const decisions = listAt(summary, 'decisions').map(each =>
    words.decision(
      textAt(each, 'namespace') ?? '',
      textAt(each, 'change') ?? '',
      textAt(each, 'title') ?? '',
      until(each, when),
    ),
  );
  return [
    { block: 'Text', text: words.keptOf(kept, all, unproven) },
    { block: 'Bar', alt: words.keptOf(kept, all, unproven), parts },
    ...(facts.comment === undefined
      ? []
      : [{ block: 'Text' as const, text: words.comment(facts.comment.text, facts.comment.by) }]),
    { block: 'Heading', text: words.breaches },
    breaches.length === 0 ? { block: 'Text', text: words.noBreaches } : { block: 'List', items: breaches },
    { block: 'Heading', text: words.decisions },
    decisions.length === 0 ? { block: 'Text', text: words.noDecisions } : { block: 'List', items: decisions },
  ];
}

function until(decision: unknown, when: Scribe['when']): string {
  const text = textAt(decision, 'until') ?? '';
  return text === '' ? '' : when(text);
}

function brokenPromises(systems: readonly Said[], words: Words): string[] {
  return systems.flatMap(system => {
    const name = nameOf(system);
    const periods = listAt(system, 'periods').filter(each => textAt(each, 'verdict') === 'Broken');
    const promised = listAt(system, 'promises').filter(each => textAt(each, 'verdict') === 'Broken');
    return [
      ...periods.map(each =>
        words.availabilityBroken(
          name,
          words.percent(textAt(each, 'adjusted', 'most') ?? ''),
          words.percent(textAt(each, 'target') ?? ''),
        ),
      ),
      ...promised.map(each =>
        words.promiseBroken(name, textAt(each, 'condition') ?? '', numberAt(each, 'broken') ?? 0),
      ),
    ];
  });
}

function breach(clock: Said, words: Words, when: Scribe['when']): string {
  const text = (name: string) => textAt(clock, name) ?? '';
  const cause = text('cause') === '' ? words.causeUnknown : text('cause');
  return words.clockBroken(text('incident'), text('subject'), text('clock'), text('target'), when(text('at')), cause);
}

function availability(systems: readonly Said[], { words, when }: Scribe): Block[] {
  const rows = systems.flatMap(system =>
    listAt(system, 'periods').map(period => {
      const minutes = (name: string) => words.number(numberAt(period, 'adjusted', name) ?? 0);
      const target = textAt(period, 'target') ?? '';
      return [
        nameOf(system),
        words.level(textAt(period, 'level') ?? ''),
        target === '' ? words.none : words.percent(target),
        shareOf(period, 'raw', words),
        shareOf(period, 'adjusted', words),
        ...['bad', 'noData'].map(minutes),
        words.verdicts[textAt(period, 'verdict') ?? ''] ?? '',
      ];
    }),
  );
  const excuses = systems.flatMap(system =>
    listAt(system, 'excuses').map(each => {
      const text = (name: string) => textAt(each, name) ?? '';
      return [
        nameOf(system),
        when(text('from')),
        when(text('to')),
        words.because[text('because')] ?? text('because'),
        text('object'),
        text('approved'),
      ];
    }),
  );
  const outages = systems.flatMap(system =>
    listAt(system, 'outages').map(each => [
      nameOf(system),
      when(textAt(each, 'from') ?? ''),
      when(textAt(each, 'to') ?? ''),
    ]),
  );
  const more = systems.reduce((sum, system) => sum + (numberAt(system, 'notListed') ?? 0), 0);
  return [
    { block: 'Heading', text: words.availability },
    { block: 'Table', caption: words.availabilityCaption, head: words.availabilityHead, rows },
    ...table(words.outagesCaption, words.outagesHead, outages),
    ...table(words.excusesCaption, words.excusesHead, excuses),
    ...(more === 0 ? [] : [{ block: 'Text' as const, text: words.notListed(more) }]),
  ];
}

/** What is known; where minutes without data leave it open, both ends. */
function shareOf(period: unknown, which: 'raw' | 'adjusted', words: Words): string {
  const [least, most] = ['least', 'most'].map(name => textAt(period, which, name));
  if (least === undefined || most === undefined) return words.none;
  return least === most ? words.percent(least) : `${words.percent(least)} – ${words.percent(most)}`;
}

function promises(systems: readonly Said[], { words }: Scribe): Block[] {
  const rows = systems.flatMap(system =>
    listAt(system, 'promises').flatMap(each => {
      const verdict = textAt(each, 'verdict') ?? '';
      if (verdict === 'NotPromised') return [];
      const minutes = ['kept', 'broken', 'unknown'].map(name => words.number(numberAt(each, name) ?? 0));
      return [
        [
          nameOf(system),
          textAt(each, 'condition') ?? '',
          ...minutes,
          textAt(each, 'end') ?? '',
          words.verdicts[verdict] ?? verdict,
        ],
      ];
    }),
  );
  return [{ block: 'Heading', text: words.promises }, ...table(words.promisesCaption, words.promisesHead, rows)];
}

function incidents(clocks: readonly Said[], objects: readonly Said[], { words, when }: Scribe): Block[] {
  const rows = objects
    .filter(each => each.kind === 'Incident')
    .map(each => {
      const fact = (...path: readonly string[]) => factIn(each, ...path);
      const clock = (name: string) => {
        const target = textAt(at(each, 'facts'), `status.${name}`, 'target');
        const breached = at(at(each, 'facts'), `status.${name}`, 'breached') === true;
        return target === undefined ? words.none : `${target}: ${breached ? words.tones.Broken : words.tones.Kept}`;
      };
      return [
        ...[
          nameOf(each),
          `${fact('spec.subject', 'kind')} ${fact('spec.subject', 'name')}`,
          fact('spec.rating', 'priority'),
        ],
        ...[fact('status.phase'), when(fact('spec.detectedAt')), clock('response'), clock('resolution')],
        fact('spec.handling', 'resolution', 'cause'),
      ];
    });
  const ended = clocks.map(each => {
    const text = (name: string) => textAt(each, name) ?? '';
    return [
      text('incident'),
      text('clock'),
      text('target'),
      words.tones[text('outcome') === 'Kept' ? 'Kept' : 'Broken'],
      when(text('at')),
      text('cause'),
    ];
  });
  return [
    { block: 'Heading', text: words.incidents },
    ...table(words.incidentsCaption, words.incidentsHead, rows),
    ...table(words.clocksCaption, words.clocksHead, ended),
  ];
}

function changes(objects: readonly Said[], { words, when }: Scribe): Block[] {
  const rows = objects
    .filter(each => each.kind === 'ChangeRequest')
    .map(each => {
      const fact = (...path: readonly string[]) => factIn(each, ...path);
      return [
        ...[nameOf(each), fact('spec.title'), fact('spec.class'), fact('spec.requestedBy'), fact('condition.Agreed')],
        ...[fact('spec.result', 'outcome'), when(fact('spec.result', 'finishedAt'))],
      ];
    });
  return [{ block: 'Heading', text: words.changes }, ...table(words.changesCaption, words.changesHead, rows)];
}

/** Patch runs, restores, requests, problems, access: kind by kind, what was recorded of each. */
function others(objects: readonly Said[], { words, when }: Scribe): Block[] {
  return Object.entries(words.kinds).flatMap(([kind, heading]) => {
    const rows = objects
      .filter(each => each.kind === kind)
      .map(each => {
        const persons = listAt(each, 'persons').join(', ');
        const state =
          ['status.phase', 'condition.Ready', 'condition.Done']
            .map(name => factIn(each, name))
            .find(text => text !== '') ?? '';
        return [
          nameOf(each),
          listAt(each, 'what').join(', '),
          state,
          factIn(each, 'status.message'),
          persons,
          when(textAt(each, 'last') ?? ''),
        ];
      });
    return rows.length === 0
      ? []
      : [{ block: 'Heading' as const, text: heading }, ...table(heading, words.othersHead, rows)];
  });
}

function gaps(report: Said, { words }: Scribe): Block[] {
  const missing = listAt(report, 'missing').map(
    each => `${words.day(textAt(each, 'day') ?? '')}: ${textAt(each, 'what') ?? ''}`,
  );
  const days = listAt(report, 'gaps').map(day => words.gap(words.day(String(day))));
  const items = [...days, ...missing];
  return items.length === 0
    ? []
    : [
        { block: 'Heading', text: words.missing },
        { block: 'List', items },
      ];
}

function definitions(
  report: Said,
  { sha256, closedAt, corrections = [] }: DocumentFacts,
  { words, when }: Scribe,
): Block[] {
  const said = corrections.map(each => words.correction(when(each.at), each.by, each.reason, each.sha256));
  return [
    ...(said.length === 0
      ? []
      : [
          { block: 'Heading' as const, text: words.corrections },
          { block: 'List' as const, items: said },
        ]),
    { block: 'Heading', text: words.definitions },
    { block: 'List', items: words.definitionItems },
    { block: 'Text', text: words.proof(sha256, when(closedAt), listAt(report, 'days').length) },
  ];
}

function table(caption: string, head: readonly Cell[], rows: readonly (readonly Cell[])[]): Block[] {
  return rows.length === 0 ? [] : [{ block: 'Table', caption, head, rows }];
}

function nameOf(said: Said): string {
  return `${textAt(said, 'namespace') ?? ''}/${textAt(said, 'name') ?? ''}`;
}

/** A fact of an object as text: told with its field, or by itself. */
function factIn(said: Said, ...path: readonly string[]): string {
  const facts = at(said, 'facts');
  for (let length = path.length; length > 0; length--) {
    const found = textAt(facts, path.slice(0, length).join('.'), ...path.slice(length));
    if (found !== undefined) return found;
  }
  return '';
}
