import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GuestUpdates } from '../../api/guestupdates.ts';
import type { BaselineVersion } from '../../api/patchbaseline.ts';
import { PatchRunSpec } from '../../api/patchrun.ts';
import { proofOf } from './baseline.ts';
import { chosen, mayComeAlong } from './choose.ts';
import { provenFor } from './provenfor.ts';
import { at, runSpec } from './run.fixtures.ts';
import { recordedAfter, scan, update } from './update.fixtures.ts';

const ASKED = '2026-12-01T12:00:00Z';
const [BEFORE, AFTER] = ['2026-11-20T00:00:00Z', '2026-12-01T13:00:00Z'];

function version(name: string, of: string, { firstSeen = BEFORE, by = ['canary'] } = {}): BaselineVersion {
  const proven = by.map(ring => ({ ring, at: '2026-12-01T22:00:00Z' }));
  return { package: name, version: of, severity: 'Unknown', firstSeen, ...(by.length > 0 && { proven }) };
}

/** A guest that has version 1 of these installed, and was offered 3. */
const lacks = (...names: readonly string[]): GuestUpdates =>
  recordedAfter(
    scan(
      ASKED,
      names.map(name => update({ package: name, from: '1', to: '3' })),
    ),
  );
const pins = (updates: GuestUpdates | undefined, content: readonly BaselineVersion[]) =>
  provenFor(updates, content, 'canary').packages.map(pin => `${pin.package} ${pin.version}`);

describe('what a run carries of what the ring before has proven (MO-11)', () => {
  it.each<[string, GuestUpdates | undefined, readonly BaselineVersion[], readonly string[]]>([
    ['what its guest lacks', lacks('openssl'), [version('openssl', '2')], ['openssl 2']],
    ['the newest that is proven', lacks('openssl'), [version('openssl', '2'), version('openssl', '3')], ['openssl 3']],
    [
      'and nothing newer that is not',
      lacks('openssl'),
      [version('openssl', '2'), version('openssl', '3', { by: [] })],
      ['openssl 2'],
    ],
    ['nothing by another ring', lacks('openssl'), [version('openssl', '2', { by: ['production'] })], []],
    ['nothing that it does not lack', lacks('openssl'), [version('curl', '2')], []],
    ['nothing that it has', lacks('openssl'), [version('openssl', '1')], []],
    ['nothing older', lacks('openssl'), [version('openssl', '0'), version('openssl', '1', { by: [] })], []],
    ['what was seen since it was asked', lacks(), [version('curl', '2', { firstSeen: AFTER })], ['curl 2']],
    [
      'what comes along as new, as the ring has installed it',
      recordedAfter(scan(ASKED, [update({ package: 'linux-image-6.12.48', from: undefined, to: '6.12.48-1' })])),
      [version('linux-image-6.12.48', '6.12.48-1')],
      ['linux-image-6.12.48 6.12.48-1'],
    ],
    [
      'what came along in the ring with a version that is not the newest any more, for no guest lacks that',
      lacks('image'),
      [version('image', '2'), { ...version('image-2', '2'), comesAlong: true }, version('image-3', '3', { by: [] })],
      ['image-2 2', 'image 2'],
    ],
    [
      'of what came along the newest version alone',
      lacks('image'),
      ['1', '2'].map(of => ({ ...version('driver', of, { by: ['canary', 'production'] }), comesAlong: true as const })),
      ['driver 2'],
    ],
    [
      'nothing that came along by another ring',
      lacks('image'),
      [{ ...version('image-2', '2', { by: ['production'] }), comesAlong: true }],
      [],
    ],
    [
      'all where nobody has asked it',
      undefined,
      [version('openssl', '2'), version('curl', '2')],
      ['openssl 2', 'curl 2'],
    ],
    [
      'all where not every source was read',
      { ...lacks('openssl'), complete: false },
      [version('openssl', '2'), version('curl', '2')],
      ['curl 2', 'openssl 2'],
    ],
    [
      'all where it lacks more than is listed',
      { ...lacks('openssl'), notListed: 1 },
      [version('openssl', '2'), version('curl', '2')],
      ['curl 2', 'openssl 2'],
    ],
  ])('%s', (_, updates, content, expected) => expect(pins(updates, content)).toEqual(expected));

  it('is bounded, and what the guest lacks is the last to be left out', () => {
    const content = [version('openssl', '2'), ...Array.from({ length: 600 }, (_, index) => version(`p${index}`, '2'))];
    const carried = pins({ ...lacks('openssl'), complete: false }, content);
    expect([carried.length, carried.at(-1)]).toEqual([500, 'openssl 2']);
  });

  it('says when the guest was asked, unless all is carried', () => {
    expect(provenFor(lacks('openssl'), [], 'canary')).toEqual({ ring: 'canary', packages: [], askedAt: ASKED });
    expect(provenFor({ ...lacks('openssl'), complete: false }, [], 'canary').askedAt).toBeUndefined();
    expect(provenFor(undefined, [], 'canary').askedAt).toBeUndefined();
  });
});

describe('what a run installs by it (MO-11)', () => {
  const names = fc.constantFrom('a', 'b', 'c', 'd');
  const versions = ['1', '2', '3', '4'] as const;
  const content = fc
    .uniqueArray(
      fc.record({
        ...{ name: names, of: fc.constantFrom(...versions), firstSeen: fc.constantFrom(BEFORE, AFTER) },
        by: fc.subarray(['canary', 'other']),
      }),
      { selector: ({ name, of }) => `${name} ${of}` },
    )
    // As a baseline has them: in the order in which they were first seen, which is that of the versions.
    .map(all => all.toSorted((a, b) => (a.of < b.of ? -1 : 1)).map(({ name, of, ...more }) => version(name, of, more)));
  const missing = fc.uniqueArray(
    fc.record({
      ...{ package: names, from: fc.option(fc.constantFrom(...versions), { nil: undefined }) },
      to: fc.constantFrom('5', '6'),
    }),
    { selector: each => each.package },
  );
  const asked = (lacking: readonly Partial<Parameters<typeof update>[0]>[], when = ASKED) =>
    scan(
      when,
      lacking.map(each => update(each)),
    );
  const NOW = at('02:05');

  function planned(spec: PatchRunSpec['proven'], lacking: readonly Partial<Parameters<typeof update>[0]>[]) {
    const proven = spec && { proven: spec };
    return chosen(asked(lacking, NOW.toISOString()), undefined, { ...runSpec(), ...proven }, NOW);
  }

  it('is nothing that the ring has not proven, whatever the guest lacks by the time it is asked again', () => {
    fc.assert(
      fc.property(content, fc.option(missing), missing, (known, before, later) => {
        const carried = provenFor(before ? recordedAfter(asked(before)) : undefined, known, 'canary');
        for (const { package: name, to, state } of planned(carried, later)) {
          if (state !== 'Pending') continue;
          const proven = known.filter(each => each.proven?.some(({ ring }) => ring === 'canary'));
          expect(proven).toContainEqual(expect.objectContaining({ package: name, version: to }));
        }
      }),
    );
  });

  it('is all that it lacks and the ring has proven: nothing of it is left out', () => {
    fc.assert(
      fc.property(content, missing, fc.boolean(), (known, lacking, complete) => {
        const updates = recordedAfter({ ...asked(lacking), complete });
        const plan = new Map(planned(provenFor(updates, known, 'canary'), lacking).map(each => [each.package, each]));
        for (const each of updates.missing) {
          const { version: wanted } = proofOf(each, known, 'canary');
          expect(plan.get(each.package)).toMatchObject(
            wanted === undefined ? { state: 'Left' } : { to: wanted, state: 'Pending' },
          );
        }
      }),
    );
  });

  it('leaves what was not known to be missing, and says so; of what was, that the ring has not proven it', () => {
    const known = [version('a', '2'), version('b', '2')];
    const updates = recordedAfter(asked([{ package: 'c', from: '1', to: '3' }]));
    const spec = { ...runSpec(), proven: provenFor(updates, known, 'canary') };
    const lacking = ['a', 'c'].map(name => ({ package: name, from: '1', to: '3' }));
    const plan = chosen(asked(lacking, NOW.toISOString()), updates, spec, NOW);
    expect(new Map(plan.map(({ package: name, state, reason }) => [name, `${state}: ${reason}`]))).toEqual(
      new Map([
        ['a', 'Left: it was not known to be missing when the run was made: the next one may install it (MO-11)'],
        ['c', 'Left: ring canary has not proven it yet (MO-11)'],
      ]),
    );
  });

  it('is what a run of an older Steward carries, which is all that was proven', () => {
    const proven = { ring: 'canary', packages: [{ package: 'a', version: '2' }] };
    expect(PatchRunSpec.parse({ ...runSpec(), proven }).proven).toEqual(proven);
    const lacking = ['a', 'b'].map(name => ({ package: name, from: '1', to: '3' }));
    expect(planned(proven, lacking).map(({ package: name, state, reason }) => [name, state, reason])).toEqual([
      ['a', 'Pending', undefined],
      ['b', 'Left', 'ring canary has not proven it yet (MO-11)'],
    ]);
  });

  it('is nothing that is installed already: to go from a version to itself is no patch', () => {
    const proven = { ring: 'canary', packages: [{ package: 'a', version: '2' }] };
    expect(planned(proven, [{ package: 'a', from: '2', to: '3' }])).toMatchObject([{ state: 'Left' }]);
  });
});

describe('what may come along with what is installed (MO-11)', () => {
  const proven = (...names: readonly string[]) => ({
    ring: 'canary',
    packages: [
      { package: 'image', version: '2' },
      ...names.map(name => ({ package: name, version: '2', comesAlong: true as const })),
    ],
  });
  const along = (terms: Partial<PatchRunSpec['terms']>) =>
    mayComeAlong({ ...runSpec(terms), proven: proven('image-2', 'driver-2') }).map(each => each.package);

  it('is what came along in the ring before, but for what the terms leave out by its name', () => {
    expect(along({})).toEqual(['image-2', 'driver-2']);
    expect(along({ deny: [{ by: 'Customer', pattern: 'driver-*' }] })).toEqual(['image-2']);
    expect(along({ allow: [['image*']] })).toEqual(['image-2']);
    const exclude = { by: 'Customer' as const, package: 'image-2', reason: 'CHG-1' };
    expect(along({ exclude: [{ ...exclude, until: '2027-01-01T00:00:00Z' }] })).toEqual(['driver-2']);
    expect(along({ exclude: [{ ...exclude, until: '2026-01-01T00:00:00Z' }] })).toEqual(['image-2', 'driver-2']);
  });
});
