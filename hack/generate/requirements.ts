import { glob, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { CONDITIONS } from '../../src/domain/contract/reasons.ts';

const SOURCE = 'hack/generate/requirements.yaml';
const TARGET = 'docs/requirements.md';

const Requirement = z.strictObject({
  id: z.string().regex(/^(MO|AP|GE)-[1-9][0-9]?$/),
  en: z.string().endsWith('.'),
  de: z.string().endsWith('.'),
  state: z.enum(['works', 'partly', 'not yet']),
  lacks: z.string().endsWith('.').optional(),
  page: z.string().optional(),
});
export type Requirement = z.infer<typeof Requirement>;

/** A file and the requirements that it names. */
export type Citation = { readonly file: string; readonly ids: readonly string[] };

const introduction = `# Requirements

<!-- Generated from ${SOURCE} and from what code, tests and pages cite, by \`npm run generate\`: do not edit. -->

Every clause of the service description, whether Steward keeps it, and where. *works*: kept, with tests that cite it; *partly*: what is
lacking is said; *not yet*: nothing keeps it, even where code prepares it. A promise that claims to work without a test that cites it does
not pass \`npm test\`.
`;

/** docs/requirements.md: one table row for each requirement, beginning with its id. */
export async function generateRequirements(): Promise<Map<string, string>> {
  const requirements = z.array(Requirement).parse(parse(await readFile(SOURCE, 'utf8')));
  return new Map([[TARGET, requirementsPage(requirements, await citations())]]);
}

/** Throws where a requirement claims more than its citations show. */
export function requirementsPage(requirements: readonly Requirement[], cited: readonly Citation[]): string {
  const rows = requirements.map(requirement => row(requirement, cited));
  const counted = (['works', 'partly', 'not yet'] as const).map(
    state => `${requirements.filter(each => each.state === state).length} ${state}`,
  );
  const known = new Set(requirements.map(({ id }) => id));
  const unknown = cited.flatMap(({ file, ids }) => ids.filter(id => !known.has(id)).map(id => `${id} in ${file}`));
  if (unknown.length > 0) throw new Error(`no requirement of that id: ${unknown.join(', ')}`);
  return [
    introduction,
    `Of ${requirements.length}: ${counted.join(', ')}.\n`,
    '| id | requirement | state | carried by | conditions | tests | page |',
    '|---|---|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

function row({ id, en, de, state, lacks, page }: Requirement, cited: readonly Citation[]): string {
  const files = cited.filter(({ ids }) => ids.includes(id)).map(({ file }) => file);
  const tests = files.filter(isTest);
  if (state !== 'not yet' && tests.length === 0) throw new Error(`${id} claims "${state}", but no test cites it`);
  if ((state === 'partly') !== (lacks !== undefined)) throw new Error(`${id}: lacks goes with partly, and only there`);
  const folders = [...new Set(files.filter(file => !isTest(file)).map(dirname))];
  const conditions = Object.entries(CONDITIONS).filter(([, meaning]) => idsIn(meaning).includes(id));
  const cells = [
    id,
    `${en}<br>*${de}*`,
    lacks === undefined ? state : `${state}: ${lacks}`,
    folders.map(code).join(', '),
    conditions.map(([type]) => code(type)).join(', '),
    tests.map(code).join('<br>'),
    page === undefined ? '' : `[${page}](${page})`,
  ];
  return `| ${cells.join(' | ')} |`;
}

const code = (text: string): string => `\`${text}\``;

function isTest(file: string): boolean {
  return file.endsWith('.test.ts') || file.startsWith('test/');
}

/** The ids that a text names, each once. */
export function idsIn(text: string): string[] {
  return [...new Set(text.match(/\b(?:MO|AP|GE)-[1-9][0-9]?\b/g) ?? [])];
}

/** What is read for citations: code, rules and tests. Pages are reached by links; fixtures and generated copies prove nothing. */
const CITING = ['src/**/*.ts', 'charts/steward/templates/*', 'test/**/*.ts'];
/** They speak of requirements as data, not because they keep or prove them. */
const NOT_CITING = ['test/cases/', 'test/unit/requirements.test.ts'];

async function citations(): Promise<Citation[]> {
  const found: Citation[] = [];
  for await (const file of glob(CITING)) {
    if (NOT_CITING.some(path => file.startsWith(path)) || file.endsWith('.fixtures.ts')) continue;
    const ids = idsIn(await readFile(join(file), 'utf8'));
    if (ids.length > 0) found.push({ file, ids });
  }
  return found.sort((a, b) => (a.file < b.file ? -1 : 1));
}
