import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FileFormat } from '../../api/productsteps.ts';
import { readParameters } from './parameters.ts';
import { product } from './product.fixtures.ts';
import type { Inserted } from './quoting.ts';
import { hasBrokenPlaceholder, partsOf, placeholdersOf, rendered } from './template.ts';

const values = (entries: Readonly<Record<string, Inserted>>) => new Map(Object.entries(entries));

describe('AP-1: a template', () => {
  it('is literals and placeholders, and nothing else', () => {
    expect(partsOf('a {{ line }} b{{ parameters.x_1 }}')).toEqual([
      { literal: 'a ' },
      { placeholder: 'line' },
      { literal: ' b' },
      { placeholder: 'parameters.x_1' },
    ]);
    expect(placeholdersOf('{{ line }} {{ line }} {{ file }}')).toEqual(['line', 'file']);
    expect(partsOf('')).toEqual([]);
  });

  it.each(['{{line}}', '{{ line}}', '{{ if x }}', '{{ parameters.x | raw }}', '{{', '{{ Line }}'])(
    '%s is no placeholder, and said to be broken',
    text => expect(hasBrokenPlaceholder(text)).toBe(true),
  );

  it('of nginx may close two blocks at once', () => {
    expect(hasBrokenPlaceholder('server { location / { return 204; }}')).toBe(false);
  });

  it('says which placeholder stands for nothing', () => {
    const { problem } = rendered('{{ constructor }}', 'Plain', values({}));
    expect(problem).toBe('{{ constructor }} stands for nothing here');
  });

  it('does not read what it puts in', () => {
    const text = '{{ line }}';
    const { text: file } = rendered(
      'a = {{ parameters.a }}',
      'PostgreSQL',
      values({ 'parameters.a': { type: 'Text', text }, line: { type: 'Word', word: '17' } }),
    );
    expect(file).toBe("a = '{{ line }}'");
  });

  it.each<[FileFormat, Inserted, string]>([
    ['PostgreSQL', { type: 'Text', text: "it's \\n" }, "'it''s \\\\n'"],
    ['PostgreSQL', { type: 'Bytes', bytes: 134_217_728 }, '131072kB'],
    ['PostgreSQL', { type: 'Bytes', bytes: 1_000_000_001 }, '1000000001B'],
    ['PostgreSQL', { type: 'Integer', number: -1 }, '-1'],
    ['PostgreSQL', { type: 'Switch', on: true }, 'on'],
    ['Ini', { type: 'Text', text: 'a # "b" \\' }, '"a # \\"b\\" \\\\"'],
    ['Ini', { type: 'Bytes', bytes: 134_217_728 }, '134217728'],
    ['Nginx', { type: 'Text', text: '; } include /etc/shadow;' }, '"; } include /etc/shadow;"'],
    ['Nginx', { type: 'Switch', on: false }, 'off'],
    ['Valkey', { type: 'Text', text: 'a "b"' }, '"a \\"b\\""'],
    ['Valkey', { type: 'Switch', on: true }, 'yes'],
    ['Plain', { type: 'Text', text: 'a/b:c@d+e-f_g.h%i' }, 'a/b:c@d+e-f_g.h%i'],
    ['Plain', { type: 'Word', word: '11.8' }, '11.8'],
  ])('of format %s writes %j as %s', (format, value, expected) => {
    expect(rendered('{{ parameters.a }}', format, values({ 'parameters.a': value })).text).toBe(expected);
  });

  it.each<[FileFormat, string]>([
    ['Plain', 'a b'],
    ['Plain', "'"],
    ['Plain', 'ä'],
    ['Nginx', '$document_root'],
    ['PostgreSQL', 'a\nb'],
    ['Ini', 'a\0b'],
    ['Valkey', 'a\u2028b'],
    ['Nginx', '\u202e'],
  ])('of format %s has no place for %j', (format, text) => {
    const { problem } = rendered('{{ parameters.a }}', format, values({ 'parameters.a': { type: 'Text', text } }));
    expect(problem).toMatch(/^the value of \{\{ parameters\.a \}\} cannot stand there: it has /);
  });
});

/** What is read of a line: its name and its value, by what the program's own reader does. */
type Reader = (line: string) => readonly string[] | undefined;

/** guc-file.l of PostgreSQL: STRING is '([^'\\\n]|\\.|'')*', unescaped by DeescapeQuotedString. */
const postgresql: Reader = line => {
  const [, name, body] = /^([a-z_]+)\s*=\s*'((?:[^'\\\n]|\\.|'')*)'\s*(?:#.*)?$/su.exec(line) ?? [];
  if (name === undefined || body === undefined) return undefined;
  return [name, body.replace(/''|\\(.)/gsu, (_, escaped?: string) => escaped ?? "'")];
};

const INI_ESCAPES = new Map<string, string>([
  ['\\', '\\'],
  ['"', '"'],
  ["'", "'"],
  ['s', ' '],
  ['n', '\n'],
  ['t', '\t'],
  ['r', '\r'],
  ['b', '\b'],
]);

/** my_default.c of MariaDB: a comment is cut off outside of quotes, then quotes are taken off, then escapes are read. */
const ini: Reader = line => {
  let quoteMark = '';
  let escaped = false;
  let end = 0;
  for (; end < line.length; end++) {
    const character = line[end] ?? '';
    if ((character === '"' || character === "'") && !escaped) {
      if (quoteMark === '') quoteMark = character;
      else if (quoteMark === character) quoteMark = '';
    }
    if (quoteMark === '' && character === '#') break;
    escaped = quoteMark !== '' && character === '\\' && !escaped;
  }
  const [, name, given = ''] = /^([^=]*?)\s*=\s*(.*?)\s*$/su.exec(line.slice(0, end)) ?? [];
  const marked = given.length > 1 && /^["']/.test(given) && given.at(0) === given.at(-1);
  const bare = marked ? given.slice(1, -1) : given;
  const read = bare.replace(/\\([\s\S])/gu, (whole, next: string) => INI_ESCAPES.get(next) ?? whole);
  return name === undefined ? undefined : [name, read];
};

/** ngx_conf_read_token of nginx, for a directive on one line. */
const nginx: Reader = line => {
  const words: string[] = [];
  let rest = line;
  for (;;) {
    rest = rest.replace(/^\s+/, '');
    if (rest === ';') return words;
    const [whole, marked, bare] = /^(?:"((?:\\.|[^"\\])*)"(?=[\s;])|([^\s;"'{}$]+))/su.exec(rest) ?? [];
    if (whole === undefined || marked?.includes('$')) return undefined;
    words.push(bare ?? (marked ?? '').replace(/\\(["'\\])/g, '$1'));
    rest = rest.slice(whole.length);
  }
};

/** sdssplitargs of Valkey. */
const valkey: Reader = line => {
  const words: string[] = [];
  let rest = line.trimStart();
  while (rest !== '') {
    const [whole, marked, bare] = /^(?:"((?:\\.|[^"\\])*)"(?=\s|$)|([^\s"']+))/su.exec(rest) ?? [];
    if (whole === undefined) return undefined;
    words.push(bare ?? (marked ?? '').replace(/\\(.)/gsu, '$1'));
    rest = rest.slice(whole.length).trimStart();
  }
  return words;
};

const plain: Reader = line => /^([a-z_]+) (.*)$/.exec(line)?.slice(1);

const FORMATS: readonly [FileFormat, string, Reader][] = [
  ['PostgreSQL', 'setting = {{ parameters.text }}', postgresql],
  ['Ini', 'setting = {{ parameters.text }}', ini],
  ['Nginx', 'setting {{ parameters.text }};', nginx],
  ['Valkey', 'setting {{ parameters.text }}', valkey],
  ['Plain', 'setting {{ parameters.text }}', plain],
];

const HOSTILE = [
  '$(reboot)',
  '`reboot`',
  '; rm -rf / #',
  "'; drop table orders; --",
  "' || pg_sleep(10) || '",
  "\\'; drop role postgres; --",
  '"',
  "'",
  '\\',
  '\\\\',
  '#',
  '=',
  '{{ parameters.secret }}',
  '{{ binding.username }}',
  'a: b',
  '- a',
  '!!js/function',
  '*anchor',
  'x\ninclude = /etc/passwd',
  'x\r\n[client]',
  'x\0y',
  'x\u0085y',
  'x\u2028y',
  '\u202eabc',
  '\ud800',
  'ｓｅｔ',
  '%n%s',
  '../../etc/shadow',
  '-c',
  '--exec=/bin/sh',
  '~root',
  '',
  ' ',
  ' x ',
  '__proto__',
];

describe('AP-1: a hostile value', () => {
  const [before, after] = ['first = 1', 'last = 2'];
  const text = fc.oneof(
    fc.constantFrom(...HOSTILE),
    fc.array(fc.constantFrom(...HOSTILE), { maxLength: 4 }).map(parts => parts.join('')),
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.string({ unit: fc.constantFrom(...'\'"\\#;={}$ \n\ta'), maxLength: 20 }),
  );
  const pattern = '[ -\u{10ffff}]*';
  const { spec } = product({ parameters: [{ name: 'text', type: 'Text', default: '', pattern, apply: 'Reload' }] });

  it.each(FORMATS)('in a file of format %s changes its own value and nothing else', (format, line, read) => {
    let written = 0;
    fc.assert(
      fc.property(text, given => {
        const value = readParameters(spec, { text: given }).parameters?.get('text');
        if (value === undefined) return;
        const { text: file } = rendered(
          [before, line, after, ''].join('\n'),
          format,
          values({ 'parameters.text': value }),
        );
        if (file === undefined) return;
        written += 1;
        const lines = file.split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/);
        expect([lines[0], ...lines.slice(2)]).toEqual([before, after, '']);
        expect(read(lines[1] ?? '')).toEqual(['setting', given]);
      }),
      { numRuns: 1000 },
    );
    expect(written).toBeGreaterThan(50);
  });
});
