import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const pages = globSync(['*.md', 'docs/**/*.md', 'charts/**/*.md'], { cwd: root });

describe('the pages', () => {
  it('lead only to files that exist', () => {
    const broken = pages.flatMap(page =>
      [...readFileSync(join(root, page), 'utf8').matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
        .map(([, target = '']) => target)
        .filter(target => !existsSync(join(root, dirname(page), target)))
        .map(target => `${page}: ${target}`),
    );
    expect(broken).toEqual([]);
  });

  it('name only files that exist', () => {
    const NAMED = /`((?:src|test|hack|docs|charts|config|crds)\/[\w./-]+\.[a-z]+)`/g;
    const broken = pages.flatMap(page =>
      [...readFileSync(join(root, page), 'utf8').matchAll(NAMED)]
        .map(([, file = '']) => file)
        .filter(file => !existsSync(join(root, file)))
        .map(file => `${page}: ${file}`),
    );
    expect(broken).toEqual([]);
  });

  it('are all reached from an index', () => {
    const index = readFileSync(join(root, 'docs/README.md'), 'utf8');
    const linked = new Set([...index.matchAll(/\]\(([^)#\s]+)/g)].map(([, target = '']) => join('docs', target)));
    const lists = ['docs/adr/', 'docs/runbooks/'];
    const unreached = pages.filter(
      page => page.startsWith('docs/') && page !== 'docs/README.md' && !lists.some(list => page.startsWith(list)),
    );
    expect(unreached.filter(page => !linked.has(page))).toEqual([]);
  });

  it('give each decision record a number of its own', () => {
    const numbers = pages.filter(page => page.startsWith('docs/adr/')).map(page => basename(page).slice(0, 4));
    expect(numbers.filter((number, index) => numbers.indexOf(number) !== index)).toEqual([]);
  });

  it('speak of decision records that exist', () => {
    const records = new Set(pages.filter(page => page.startsWith('docs/adr/')).map(page => basename(page).slice(0, 4)));
    const files = [...pages, ...globSync(['src/**/*.ts', 'test/**/*.ts', 'hack/**/*.ts'], { cwd: root })];
    const unknown = files.flatMap(file =>
      [...readFileSync(join(root, file), 'utf8').matchAll(/\bADR (\d{4})\b/g)]
        .filter(([, number = '']) => !records.has(number))
        .map(([words]) => `${file}: ${words}`),
    );
    expect(unknown).toEqual([]);
  });
});
