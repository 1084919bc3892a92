import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');

/** What Kubernetes itself calls things: types of metav1, quantities and JSON, pure and without an import of their own. Kept once, for all (ADR 0016). */
const VOCABULARY = ['runtime/api/json.ts', 'runtime/api/object.ts', 'runtime/api/quantity.ts'];

/** Which folders of src each folder may import (design 6). */
const allowed: Readonly<Record<string, readonly string[]>> = {
  api: ['api', ...VOCABULARY],
  runtime: ['runtime'],
  domain: ['domain', 'api', ...VOCABULARY],
  guest: ['guest', 'domain', 'api'],
  controllers: ['controllers', 'domain', 'guest', 'runtime', 'api'],
};

/** The ground that every promise stands on, from below: each of these folders of src/domain imports itself and those before it. */
const GROUND = ['contract', 'time', 'machine'];
/** What is put together of promises; every other folder of src/domain is one. */
const COMPOSITIONS = ['managedvm', 'policies', 'intake', 'report'];

/** Words of our domain and of the products we drive; the runtime must read the same for any operator. */
const domainWords =
  /\b(steward|virtual ?machine|vmi?s?|kubevirt|velero|backup|tenant|service ?level|prometheus ?rule)\b/i;

function sources(folder: string): string[] {
  return globSync(`src/${folder}/**/*.ts`, { cwd: root }).sort();
}

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(match =>
    relative(root, join(root, dirname(file), match[1] ?? '')),
  );
}

describe.each(Object.keys(allowed).filter(folder => sources(folder).length > 0))('src/%s', folder => {
  it.each(sources(folder))('%s imports only what its layer may know', file => {
    const strangers = importsOf(file).filter(
      target => !allowed[folder]?.some(layer => target === `src/${layer}` || target.startsWith(`src/${layer}/`)),
    );
    expect(strangers).toEqual([]);
  });
});

it.each(VOCABULARY)('%s, which all may import, imports nothing', file => {
  expect(importsOf(`src/${file}`)).toEqual([]);
});

/** A test looks at a promise from above, where it is asked together with the others. */
const isTest = (file: string): boolean => /[.](test|fixtures)[.]ts$/.test(file);
const domainFolderOf = (file: string): string | undefined => /^src[/]domain[/](\w+)[/]/.exec(file)?.[1];

function mayImport(folder: string): readonly string[] {
  const depth = GROUND.indexOf(folder);
  return depth === -1 ? [...GROUND, folder] : GROUND.slice(0, depth + 1);
}

describe('src/domain', () => {
  const promised = sources('domain').filter(
    file => !isTest(file) && !COMPOSITIONS.includes(domainFolderOf(file) ?? ''),
  );

  it.each(promised)('%s knows of other promises only the ground they all stand on', file => {
    const known = mayImport(domainFolderOf(file) ?? '');
    const strangers = importsOf(file).filter(target => {
      const folder = domainFolderOf(target);
      return folder !== undefined && !known.includes(folder);
    });
    expect(strangers).toEqual([]);
  });

  it('has nothing in it but folders', () => {
    expect(sources('domain').filter(file => domainFolderOf(file) === undefined)).toEqual([]);
  });
});

describe('the files of src', () => {
  it('import one another in no circle', () => {
    expect(circles(globSync('src/**/*.ts', { cwd: root }))).toEqual([]);
  });

  it('would show a circle', () => {
    const imports = new Map([
      ['a', ['b']],
      ['b', ['c']],
      ['c', ['b', 'd']],
      ['d', []],
    ]);
    expect(circles([...imports.keys()], file => imports.get(file) ?? [])).toEqual(['b → c → b']);
  });
});

/** Each circle once, from where it is entered first. */
function circles(files: readonly string[], targetsOf: (file: string) => readonly string[] = importsOf): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const follow = (file: string, path: readonly string[]): void => {
    const entered = path.indexOf(file);
    if (entered !== -1) found.push([...path.slice(entered), file].join(' → '));
    if (entered !== -1 || done.has(file)) return;
    for (const target of targetsOf(file)) follow(target, [...path, file]);
    done.add(file);
  };
  for (const file of files) follow(file, []);
  return found;
}

describe('src/runtime', () => {
  it.each(sources('runtime').filter(file => !file.endsWith('.test.ts')))(
    '%s speaks of Kubernetes only, never of our domain',
    file => {
      const lines = readFileSync(join(root, file), 'utf8').split('\n');
      expect(lines.filter(line => domainWords.test(line))).toEqual([]);
    },
  );
});
