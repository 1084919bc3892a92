import { readFile } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { CONDITIONS, reasonsOn } from '../../src/domain/managedvm/conditions.ts';
import { PROMISES } from '../../src/domain/managedvm/promises.ts';
import { type Citation, type CitedBy, idsIn, readCitations } from './citations.ts';

const SOURCE = 'hack/generate/requirements.yaml';
const TARGET = 'docs/requirements.md';

const Requirement = z.strictObject({
  id: z.string().regex(/^(MO|AP|GE)-[1-9][0-9]?$/),
  en: z.string().endsWith('.'),
  de: z.string().endsWith('.'),
  state: z.enum(['works', 'partly', 'not yet']),
  lacks: z.string().endsWith('.').optional(),
});
export type Requirement = z.infer<typeof Requirement>;

const introduction = `# Requirements

<!-- Generated from ${SOURCE} and from what code, rules, tests and pages cite, by \`npm run generate\`: do not edit. -->

Every clause of the service description, whether Steward keeps it, and where. *works*: kept; *partly*: what is lacking is said; *not yet*:
nothing keeps it, even where code prepares it. What claims to work, in part or whole, without code or a rule that cites it, a test whose name
does, and a page for customers, does not pass \`npm test\`.

- *Carried by*: the folders of code that cite the id. *Refused by*: the rules of the API server whose message does.
- *Conditions*: those whose meaning cites it, and after a slash the reasons that do ([conditions.md](conditions.md)).
`;

/** docs/requirements.md: one table row for each requirement, beginning with its id. */
export async function generateRequirements(): Promise<Map<string, string>> {
  return new Map([[TARGET, requirementsPage(await readRequirements(), await readCitations())]]);
}

export async function readRequirements(): Promise<Requirement[]> {
  return z.array(Requirement).parse(parse(await readFile(SOURCE, 'utf8')));
}

/** Throws where a requirement claims more than its citations show, and where an id is cited that there is not. */
export function requirementsPage(requirements: readonly Requirement[], citations: readonly Citation[]): string {
  const known = new Set(requirements.map(({ id }) => id));
  const unknown = citations.flatMap(({ file, ids }) => ids.filter(id => !known.has(id)).map(id => `${id} in ${file}`));
  if (unknown.length > 0) throw new Error(`no requirement of that id: ${unknown.join(', ')}`);
  const counted = (['works', 'partly', 'not yet'] as const).map(
    state => `${requirements.filter(each => each.state === state).length} ${state}`,
  );
  return [
    introduction,
    `Of ${requirements.length}: ${counted.join(', ')}.\n`,
    '| id | requirement | state | carried by | refused by | conditions | tests | page |',
    '|---|---|---|---|---|---|---|---|',
    ...requirements.map(requirement => row(requirement, citations)),
    '',
  ].join('\n');
}

function row(requirement: Requirement, citations: readonly Citation[]): string {
  const { id, en, de, state, lacks } = requirement;
  const cited = (by: CitedBy) =>
    citations.filter(each => each.by === by && each.ids.includes(id)).map(each => each.file);
  const [code, rules, tests, pages] = [cited('code'), cited('rule'), cited('test'), cited('page')];
  if ((state === 'partly') !== (lacks !== undefined)) throw new Error(`${id}: lacks goes with partly, and only there`);
  if (state !== 'not yet') {
    const claim = `${id} claims "${state}", but`;
    if (tests.length === 0) throw new Error(`${claim} the name of no test cites it`);
    if (code.length + rules.length === 0) throw new Error(`${claim} neither code nor a rule cites it`);
    if (pages.length === 0) throw new Error(`${claim} no page in docs/spec tells customers of it`);
  }
  const cells = [
    id,
    `${en}<br>*${de}*`,
    lacks === undefined ? state : `${state}: ${lacks}`,
    listed([...new Set(code.map(dirname))]),
    listed(rules),
    listed(SPEAKING.filter(({ ids }) => ids.includes(id)).map(({ condition }) => condition)),
    listed(tests),
    pages
      .map(page => relative('docs', page))
      .map(page => `[${page}](${page})`)
      .join('<br>'),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** Types of conditions, and `Type/Reason` where it is the reason that speaks of a requirement, with the ids that they name. */
const SPEAKING = [
  ...Object.entries(CONDITIONS).map(([type, { meaning }]) => ({ condition: type, ids: idsIn(meaning) })),
  ...Object.keys(CONDITIONS).flatMap(type =>
    reasonsOn(PROMISES, type).map(([reason, { meaning }]) => ({ condition: `${type}/${reason}`, ids: idsIn(meaning) })),
  ),
];

function listed(names: readonly string[]): string {
  return names.map(name => `\`${name}\``).join('<br>');
}
