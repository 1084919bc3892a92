import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PatchBaseline } from '../../api/patchbaseline.ts';
import { PatchRunSpec } from '../../api/patchrun.ts';
import { managedVMOf } from '../managedvm/rendering.fixtures.ts';
import { type OpeningFacts, runFor, runName } from './opening.ts';
import { patchingFactsOf } from './patching.fixtures.ts';
import { termsOf } from './policyfor.ts';
import { at } from './run.fixtures.ts';
import { recordedAfter, scan, update } from './update.fixtures.ts';

const vm = { name: 'shop-db', namespace: 'acme', uid: '11111111-aaaa' };
const occurrence = { window: 'nightly', date: '2026-12-02', start: at('02:00'), cutoff: at('03:30'), end: at('04:00') };
const order = managedVMOf({ serviceLevel: 'MonitoringAndPatching', operatingSystem: 'debian-13' });
const { terms } = termsOf(order, patchingFactsOf(), at('01:00'));
if (terms === undefined) throw new Error('no terms');
const [canary, production] = terms.rings;
const baseline = {
  metadata: { name: 'standard.debian-13' },
  spec: {
    content: {
      revision: 7,
      versions: [
        {
          package: 'openssl',
          version: '1',
          firstSeen: '2026-11-20T00:00:00Z',
          proven: [{ ring: 'canary', at: '2026-12-01T00:00:00Z' }],
        },
        {
          package: 'openssl',
          version: '2',
          firstSeen: '2026-11-25T00:00:00Z',
          proven: [{ ring: 'canary', at: '2026-12-01T12:00:00Z' }],
        },
        { package: 'openssl', version: '3', firstSeen: '2026-12-01T00:00:00Z' },
        { package: 'curl', version: '8', firstSeen: '2026-12-01T00:00:00Z' },
      ],
    },
  },
} as unknown as PatchBaseline;
const opened: OpeningFacts['opened'] = {
  ...{ change: { name: 'patch-nightly', uid: 'c' }, occurrence, askedBy: 'ClusterPatchPolicy standard' },
};
const facts: OpeningFacts = {
  ...{ managedVM: vm, packageManager: 'apt', terms, opened },
  ...{ ring: production, members: 40, proving: canary, baseline, updates: undefined },
  recoveryPoint: undefined,
};

describe('the run of a VM in an occurrence', () => {
  it('holds all that was agreed when its window opened, and follows its schema (GE-8)', () => {
    const { metadata, spec } = runFor(facts);
    expect(metadata).toEqual({ name: runName(vm, occurrence), namespace: 'acme' });
    expect(PatchRunSpec.safeParse(spec).error).toBeUndefined();
    expect(spec).toMatchObject({
      policy: { kind: 'ClusterPatchPolicy', name: 'standard' },
      occurrence: {
        window: 'nightly',
        date: '2026-12-02',
        start: '2026-12-02T02:00:00Z',
        cutoff: '2026-12-02T03:30:00Z',
      },
      ...{ ring: 'production', askedBy: 'ClusterPatchPolicy standard', keep: '9480h' },
      terms: {
        updates: 'All',
        minimumAge: { Critical: '0s', Important: '72h' },
        reboot: 'IfRequired',
        snapshot: false,
      },
    });
  });

  it('installs what the ring before has proven, of each package the newest, and nothing else (MO-11)', () => {
    expect(runFor(facts).spec).toMatchObject({
      baseline: { name: 'standard.debian-13', revision: 7 },
      proven: { ring: 'canary', packages: [{ package: 'openssl', version: '2' }] },
    });
  });

  it('carries of it what its guest lacks, as it said last (MO-11)', () => {
    const updates = recordedAfter(scan('2026-12-01T18:00:00Z', [update({ package: 'curl', to: '8' })]));
    expect(runFor({ ...facts, updates }).spec.proven).toEqual({ ring: 'canary', packages: [], askedAt: updates.at });
  });

  it('installs nothing where the ring before has proven nothing yet (MO-11)', () => {
    expect(runFor({ ...facts, baseline: undefined }).spec.proven).toEqual({ ring: 'canary', packages: [] });
  });

  it('cites the change that it is part of (GE-6), and says whose its ring is', () => {
    expect(runFor(facts).spec).toMatchObject({ change: opened.change, ring: 'production', ringOf: 'Provider' });
  });

  it('that was ordered has one name, whenever it is made, and in an emergency waits for no proof (MO-2, GE-6)', () => {
    const urgent = { packages: ['openssl'] };
    const ordered = { ...opened, runName: 'shop-db-ordered-0123456789', askedBy: 'ChangeRequest now', urgent };
    const { metadata, spec } = runFor({ ...facts, opened: ordered });
    expect(metadata.name).toBe('shop-db-ordered-0123456789');
    expect(PatchRunSpec.parse(spec)).toMatchObject({ urgent, askedBy: 'ChangeRequest now' });
    expect(spec.proven).toBeUndefined();
  });

  it('needs no proof in the first ring, which proves it for all others', () => {
    expect(runFor({ ...facts, ring: canary, proving: undefined }).spec.proven).toBeUndefined();
  });

  it.each([
    [40, '25%', 10],
    [3, '25%', 1],
    [40, 7, 7],
  ] as const)('of %d VMs in its ring lets %s be worked in at once: %d', (members, maxParallel, parallel) => {
    const ring = production && { ...production, maxParallel };
    expect(runFor({ ...facts, ring, members }).spec.parallel).toBe(parallel);
  });

  it('has one name for each VM, window and day, which a label takes', () => {
    const name = fc.stringMatching(/^[a-z]([-a-z0-9]{0,48}[a-z0-9])?$/);
    const window = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
    fc.assert(
      fc.property(name, fc.uuid(), window, (vmName, uid, windowName) => {
        const made = runName({ ...vm, name: vmName, uid }, { ...occurrence, window: windowName });
        expect(made).toMatch(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
      }),
    );
    const names = [vm, { ...vm, uid: 'another' }].flatMap(each => [
      runName(each, occurrence),
      runName(each, { ...occurrence, date: '2026-12-03' }),
      runName(each, { ...occurrence, window: 'weekly' }),
    ]);
    expect(new Set(names).size).toBe(6);
  });
});
