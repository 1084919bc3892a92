import { glob, readFile } from 'node:fs/promises';
import { parseAllDocuments } from 'yaml';

/** What in a file names requirements: code that keeps them, a rule of the API server that refuses, a test by its name, a page for customers. */
export type CitedBy = 'code' | 'rule' | 'test' | 'page';

/** A file and the requirements that it names. */
export type Citation = { readonly file: string; readonly by: CitedBy; readonly ids: readonly string[] };

type Source = {
  readonly by: CitedBy;
  readonly files: readonly string[];
  /** The part of a file in which an id counts. */
  readonly part: (text: string) => string;
};

/** Test beds, fixtures and generated copies keep no promise; `test/cases` speaks of requirements as data. */
const NEVER = /\.fixtures\.ts$|^test\/cases\/|^test\/unit\/requirements\.test\.ts$/;
const TEST = /\.test\.ts$|^test\//;

const SOURCES: readonly Source[] = [
  { by: 'code', files: ['src/**/*.ts'], part: text => text },
  { by: 'rule', files: ['crds/*.yaml', 'config/admission/*.yaml'], part: messagesIn },
  { by: 'test', files: ['src/**/*.test.ts', 'hack/**/*.test.ts', 'test/**/*.ts'], part: namesIn },
  { by: 'page', files: ['docs/spec/*.md'], part: text => text },
];

/** Every citation in the repository, by kind and file. */
export async function readCitations(): Promise<Citation[]> {
  const found: Citation[] = [];
  for (const { by, files, part } of SOURCES) {
    for await (const file of glob(files)) {
      if (NEVER.test(file) || (by === 'code' && TEST.test(file))) continue;
      const ids = idsIn(part(await readFile(file, 'utf8')));
      if (ids.length > 0) found.push({ file, by, ids });
    }
  }
  return found.sort((a, b) => (a.file < b.file ? -1 : 1));
}

/** The ids that a text names, each once. */
export function idsIn(text: string): string[] {
  return [...new Set(text.match(/\b(?:MO|AP|GE)-[1-9][0-9]?\b/g) ?? [])];
}

/**
 * The names of tests in a source: what stands before a test's function, and rows of tables, which begin with their ids. What a test
 * expects of a message, and what a comment says, is no name.
 */
export function namesIn(source: string): string {
  const titles = source.matchAll(/\(\s*('[^'\n]+'|"[^"\n]+"|`[^`]+`),\s*(?:async\b|\(|\{|\w+ =>)/g);
  const rows = source.matchAll(/['"`]((?:(?:MO|AP|GE)-[1-9][0-9]?(?:, )?)+): /g);
  return [...titles, ...rows].map(([, name]) => name).join('\n');
}

/** The messages with which the API server refuses, by CEL of a CRD or of a ValidatingAdmissionPolicy. */
export function messagesIn(manifests: string): string {
  return parseAllDocuments(manifests)
    .flatMap(document => messages(document.toJS()))
    .join('\n');
}

function messages(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, content]) =>
    typeof content === 'string' && /^message(Expression)?$/.test(key) ? [content] : messages(content),
  );
}
