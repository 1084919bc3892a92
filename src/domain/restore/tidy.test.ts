import { describe, expect, it } from 'vitest';
import type { RestoredDisk } from '../../api/restore.ts';
import { shortHash } from '../contract/child.ts';
import type { Fields } from '../contract/json.ts';
import { NOW, stagedClaim, UID, volumeOf } from './restore.fixtures.ts';
import { type TidyFacts, tidyAct } from './tidy.ts';
import { velero } from './velero.ts';

const disk: RestoredDisk = {
  ...{ disk: 'root', before: { claim: 'old', uid: 'old' }, volume: 'pv', reclaimPolicy: 'Delete' },
  staged: { claim: 'root', uid: 'staged-root' },
};
const restore = {
  metadata: { name: 'again', namespace: 'acme', uid: UID },
  status: {
    phase: 'Failed' as const,
    disks: [disk],
    steps: [{ name: 'begun' as const, at: '2026-12-01T11:59:00Z' }],
  },
};
const staged = stagedClaim('root', 'r');
const asked = { name: 'r', creationTimestamp: '2026-12-01T11:59:00Z' };
const request = { metadata: asked, status: { phase: 'Completed' } };

const tidy = (facts: Partial<TidyFacts>, now = NOW) =>
  tidyAct(
    restore,
    {
      staged: [],
      request,
      volume: () => undefined,
      hasClaim: () => false,
      staging: 'velero',
      ...facts,
    },
    velero,
    now,
  );

/** Named for a claim beside; `uid`: it is bound to it. */
function meantFor(name: string, uid?: string, policy = 'Retain'): Fields {
  const { spec, ...volume } = volumeOf('pv', '', policy) as { spec: object };
  return { ...volume, spec: { ...spec, claimRef: { namespace: 'acme', name, ...(uid && { uid }) } } };
}
const beside = `vm-root-r${shortHash(UID)}`;
const policyBack = { act: 'changeVolume', change: { spec: { persistentVolumeReclaimPolicy: 'Delete' } } };

describe('AP-13: what is left of a restore that is over', () => {
  it('goes in an order in which no volume stays behind', () => {
    const held = volumeOf('pv', 'staged-root', 'Retain');
    expect(tidy({ staged: [staged], volume: () => held })).toMatchObject(policyBack);
    const free = volumeOf('pv', 'staged-root');
    expect(tidy({ staged: [staged], volume: () => free }).act).toBe('release');
    expect(tidy({ volume: () => free }).act).toBe('forget');
    expect(tidy({ request: undefined, volume: () => free }).act).toBe('nothing');
  });

  it("leaves a volume as it is that is anybody else's", () => {
    const given = volumeOf('pv', 'another', 'Retain');
    expect(tidy({ volume: () => given }).act).toBe('forget');
  });

  it('gives a volume back that names a claim which was never made: its storage frees it then', () => {
    expect(tidy({ volume: () => meantFor(beside) })).toMatchObject({
      act: 'changeVolume',
      change: { spec: { claimRef: { namespace: 'velero', name: 'root', uid: 'staged-root' } } },
    });
    expect(tidy({ volume: () => meantFor(beside), hasClaim: () => true }).act).toBe('forget');
  });

  it('puts the policy back of a volume that the claim beside has, also where nobody has noted that it has', () => {
    expect(tidy({ volume: () => meantFor(beside, 'new-root') })).toMatchObject(policyBack);
    expect(tidy({ volume: () => meantFor(beside, 'new-root', 'Delete') }).act).toBe('forget');
    expect(tidy({ volume: () => meantFor('vm-root-r00000000', 'new-root') }).act).toBe('forget');
  });

  it('does not forget the engine while it is at work: its claims would come after, and stay; but not for ever', () => {
    const working = { metadata: asked, status: { phase: 'InProgress' } };
    expect(tidy({ request: working })).toEqual({ act: 'wait' });
    expect(tidy({ request: working }, new Date('2026-12-02T11:59:00Z')).act).toBe('forget');
  });

  it('deletes no claim that was there before the request, whatever its label says', () => {
    const older = { ...staged, metadata: { name: 'root', creationTimestamp: '2026-12-01T11:58:59Z' } };
    expect(tidy({ staged: [older] }).act).toBe('forget');
    expect(tidy({ staged: [older, staged] })).toEqual({ act: 'release', claims: [staged] });
    // The request goes last, and is looked for again after.
    expect(tidy({ staged: [older], request: undefined }).act).toBe('nothing');
    expect(tidy({ staged: [older, staged], request: undefined })).toEqual({ act: 'release', claims: [staged] });
  });
});
