import { describe, expect, it } from 'vitest';
import { stagedClaim, volumeOf } from './restore.fixtures.ts';
import { tidyAct } from './tidy.ts';

const disk = {
  ...{ disk: 'root', before: { claim: 'old', uid: 'old' }, volume: 'pv', reclaimPolicy: 'Delete' as const },
  staged: { claim: 'root', uid: 'staged-root' },
};
const status = { phase: 'Failed' as const, disks: [disk] };
const staged = stagedClaim('root', 'r');
const request = { metadata: { name: 'r' } };

describe('what is left of a restore that is over (AP-13)', () => {
  it('goes in an order in which no volume stays behind', () => {
    const held = volumeOf('pv', 'staged-root', 'Retain');
    expect(tidyAct(status, { staged: [staged], request, volume: () => held })).toMatchObject({
      act: 'changeVolume',
      change: { spec: { persistentVolumeReclaimPolicy: 'Delete' } },
    });
    const free = volumeOf('pv', 'staged-root');
    expect(tidyAct(status, { staged: [staged], request, volume: () => free }).act).toBe('release');
    expect(tidyAct(status, { staged: [], request, volume: () => free }).act).toBe('forget');
    expect(tidyAct(status, { staged: [], request: undefined, volume: () => free }).act).toBe('nothing');
  });

  it('leaves a volume as it is that was given to the VM', () => {
    const given = volumeOf('pv', 'new-root', 'Retain');
    expect(tidyAct(status, { staged: [], request, volume: () => given }).act).toBe('forget');
  });
});
