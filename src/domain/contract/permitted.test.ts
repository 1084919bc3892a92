import { describe, expect, it } from 'vitest';
import { permits, permittedIn, refusal } from './permitted.ts';

const defaults = { storageLocations: ['default'], instanceTypes: ['u1.*'], metadataPrefixes: ['app.kubernetes.io'] };
const namespace = (annotations?: Record<string, string>) => ({ metadata: { annotations } });

describe('AP-6, MO-1: what a namespace may name of what all share', () => {
  it('is the default of the installation where its annotations say nothing', () => {
    expect(permittedIn(namespace(), defaults)).toEqual({ ...defaults, hardware: [], imageSources: [] });
  });

  it('is what the annotations say, each for itself, with blanks and empty entries left out', () => {
    expect(permittedIn(namespace({ 'managed.systems/storage-locations': ' site-a, ,site-b,' }), defaults)).toEqual({
      storageLocations: ['site-a', 'site-b'],
      instanceTypes: ['u1.*'],
      ...{ hardware: [], imageSources: [] },
      metadataPrefixes: ['app.kubernetes.io'],
    });
  });

  it('is nothing where an annotation is empty, not the default', () => {
    const lists = ['storage-locations', 'instance-types', 'metadata-prefixes'];
    const nothing = Object.fromEntries(lists.map(list => [`managed.systems/${list}`, '']));
    expect(permittedIn(namespace(nothing), defaults)).toEqual({
      ...{ storageLocations: [], instanceTypes: [], hardware: [], imageSources: [], metadataPrefixes: [] },
    });
  });

  it('is not known where the Namespace has not been read, for its list may be narrower than the default', () => {
    expect(permittedIn(undefined, defaults)).toBeUndefined();
  });

  it.each<[string, readonly string[], string, boolean]>([
    ['a name on the list', ['default', 'site-b'], 'site-b', true],
    ['a name that is not', ['default'], 'globex-vault', false],
    ['a name that begins as an entry with a star', ['u1.*'], 'u1.medium', true],
    ['a name that only resembles it: a dot is a dot', ['u1.*'], 'u1xlarge', false],
    ['any name where the star stands alone', ['*'], 'gn1.8xlarge', true],
    ['a longer name than an entry without a star', ['site'], 'site-b', false],
    ['anything where the list is empty', [], 'default', false],
    ['a star amid an entry, which stands for itself', ['si*te'], 'site', false],
    ['a name like a property of objects', ['default'], 'constructor', false],
  ])('%s', (_, list, name, permitted) => {
    expect(permits(list, name)).toBe(permitted);
  });

  it('is told with the list and with what the provider must do', () => {
    expect(refusal('BackupStorageLocation x', 'acme', 'managed.systems/storage-locations', ['a', 'b'])).toBe(
      'BackupStorageLocation x is not permitted in Namespace acme (permitted: a, b); the provider permits it by the annotation managed.systems/storage-locations of the Namespace.',
    );
    expect(refusal('x', 'acme', 'y', [])).toContain('(none is)');
  });
});
