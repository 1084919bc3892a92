import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');

/** What Kubernetes itself calls things: types of metav1 and quantities, pure and without an import of their own. Kept once, for all (ADR 0016). */
const VOCABULARY = ['runtime/api/object.ts', 'runtime/api/quantity.ts'];

/** Which folders of src each folder may import (design 6). */
const allowed: Readonly<Record<string, readonly string[]>> = {
  api: ['api', ...VOCABULARY],
  runtime: ['runtime'],
  domain: ['domain', 'api', ...VOCABULARY],
  guest: ['guest', 'api'],
  controllers: ['controllers', 'domain', 'guest', 'runtime', 'api'],
};

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

describe('src/runtime', () => {
  it.each(sources('runtime').filter(file => !file.endsWith('.test.ts')))(
    '%s speaks of Kubernetes only, never of our domain',
    file => {
      const lines = readFileSync(join(root, file), 'utf8').split('\n');
      expect(lines.filter(line => domainWords.test(line))).toEqual([]);
    },
  );
});
