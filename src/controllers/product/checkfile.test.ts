import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkFiles, readFilesToCheck } from './checkfile.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'product-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const yaml = (more = '', name = 'cache') => `
apiVersion: managed.systems/v1alpha1
kind: Product
metadata: {name: ${name}}
spec:
  displayName: Cache
  vendor: Somebody
  levels: [Basic]
  supportedBy: Vendor
  lines: [{name: "8", endOfSupport: "2029-01-01", operatingSystems: [{name: debian-13}]}]
  steps:
    - {name: packages, package: {names: [valkey-server]}}
  probes: [{name: answers, command: {run: [valkey-cli, -e, ping], output: PONG}}]${more}
`;

function check(text: string): { exitCode: number; text: string } {
  const file = join(folder, 'a.yaml');
  writeFileSync(file, text);
  const { exitCode, text: said } = checkFiles([file]);
  return { exitCode, text: said.replaceAll(`${file}: `, '') };
}

describe('AP-1: steward product check', () => {
  it('says which Products are in order, and leaves other kinds aside', () => {
    const text = [yaml(), yaml('', 'other'), 'kind: ConfigMap', ''].join('\n---\n');
    expect(check(text)).toEqual({ exitCode: 0, text: 'Product cache is in order.\nProduct other is in order.\n' });
  });

  it.each<[string, string, string]>([
    [
      'what a guest would tell',
      yaml('\n  conflicts: [cache]'),
      'spec.conflicts: a Product does not conflict with itself.',
    ],
    ['what the schema does not have', yaml('\n  colour: x'), 'spec: Unrecognized key: "colour".'],
    ['what the schema refuses', yaml().replace('[Basic]', '[Gold]'), 'spec.levels.0: Invalid option: '],
    ['a name that is too long', yaml('', 'a'.repeat(64)), 'metadata.name has at most 63 characters'],
    ['no name', yaml().replace('name: cache', ''), 'metadata.name: it has no name.'],
    [
      'a spec that is none',
      `${yaml().split('spec:')[0]}spec: 7`,
      'spec: Invalid input: expected object, received number.',
    ],
  ])('ends with 1 and names field and rule for %s', (_, text, fault) => {
    const { exitCode, text: said } = check(text);
    expect(exitCode).toBe(1);
    expect(said).toContain(fault);
  });

  it.each<[string, string, string]>([
    ['no YAML', 'a: [', 'Flow sequence in block collection must be sufficiently indented and end with a ]'],
    ['a file without a Product', 'kind: Product', 'there is no Product in it'],
    ['a file with nothing in it', '', 'there is no Product in it'],
    [
      'aliases without end',
      `a: &a [x]\n${[...'bcdefghi'].map((each, at) => `${each}: &${each} [${'*a, '.repeat(at * 9 + 9)}]`).join('\n')}`,
      'alias',
    ],
  ])('ends with 2 for %s', (_, text, why) => {
    const { exitCode, text: said } = check(text);
    expect(exitCode).toBe(2);
    expect(said).toContain(why);
  });

  it('ends with the worst of several files, and names each', () => {
    const [good, bad, missing] = ['good.yaml', 'bad.yaml', 'missing.yaml'].map(name => join(folder, name));
    writeFileSync(good ?? '', yaml());
    writeFileSync(bad ?? '', yaml('\n  conflicts: [cache]'));
    const { exitCode, text } = checkFiles([good ?? '', bad ?? '', missing ?? '']);
    expect(exitCode).toBe(2);
    expect(text.split('\n').map(line => line.slice(folder.length + 1).split(':')[0])).toEqual([
      ...['good.yaml', 'bad.yaml', 'missing.yaml', ''],
    ]);
    expect(checkFiles([good ?? '', bad ?? '']).exitCode).toBe(1);
  });

  it('asks for files', () => {
    expect(readFilesToCheck(['check', 'a.yaml', 'b.yaml'])).toEqual(['a.yaml', 'b.yaml']);
    for (const words of [[], ['check'], ['try', 'a.yaml'], ['check', '--all']])
      expect(readFilesToCheck(words)).toBeUndefined();
  });
});
