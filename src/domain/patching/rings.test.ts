import { describe, expect, it } from 'vitest';
import type { VMAlerts } from './newalerts.ts';
import {
  allowed,
  frozenBy,
  provenBy,
  type RingEvidence,
  type RingRun,
  type RingTerms,
  type RingVerdict,
  ringVerdict,
} from './rings.ts';

const at = (time: string) => new Date(`2026-11-${time}:00Z`);
const CANARY: RingTerms = { party: 'Provider', name: 'canary', maxFailures: 0, soakMs: 24 * 3_600_000, checks: [] };
const NOW = at('24T12:00');

function run(changes: Partial<RingRun> = {}): RingRun {
  return {
    ...{ name: 'proving/a-nightly-2026-11-23', managedVM: 'a' },
    ...{ start: at('23T02:00'), end: at('23T04:00'), ended: at('23T03:00'), outcome: 'Succeeded' },
    installed: new Map([['openssl', { version: '2' }]]),
    ...changes,
  };
}

function evidence(changes: Partial<RingEvidence> = {}): RingEvidence {
  return {
    ...{ ring: CANARY, members: new Set(['a', 'b']), unhealthy: new Set<string>(), runs: [run()] },
    ...{ halted: undefined, resumedAfter: undefined, alerts: new Map() },
    ...changes,
  };
}

const verdict = (changes: Partial<RingEvidence> = {}, now = NOW) => ringVerdict(evidence(changes), now);
const contentOf = ({ content }: RingVerdict) => [...content].map(([name, { version }]) => `${name} ${version}`);
const failure = run({ outcome: 'Failed', installed: new Map() });
const other = (changes: Partial<RingRun> = {}) =>
  run({ name: 'proving/b-nightly-2026-11-23', managedVM: 'b', ended: at('23T03:30'), ...changes });

describe('MO-11: how far a ring is', () => {
  it.each<[string, Partial<RingEvidence>, string, string]>([
    [
      'Empty: no VM proves anything',
      { members: new Set(), runs: [] },
      'Empty',
      'Ring canary has no VM, so nothing is proven and the rings after it wait (MO-11).',
    ],
    [
      'Waiting: no VM was patched yet',
      { runs: [] },
      'Waiting',
      'Ring canary has proven nothing yet: 0 of 2 VMs done, 0 under way, 0 failed.',
    ],
    [
      'Open: a run is under way',
      { runs: [run(), other({ end: at('24T14:00'), ended: undefined, outcome: undefined })] },
      'Open',
      'Ring canary is patched: 1 of 2 VMs done, 1 under way, 0 failed.',
    ],
    [
      'Soaking: installed less than the soak ago',
      { runs: [run({ ended: at('24T03:00') })] },
      'Soaking',
      'Ring canary runs with what it has installed until 2026-11-25T03:00:00Z: 1 of 2 VMs done, 0 under way, 0 failed.',
    ],
    [
      'Proven: it ran for the soak',
      {},
      'Proven',
      'Ring canary has proven 1 packages: 1 of 2 VMs done, 0 under way, 0 failed.',
    ],
    [
      'Halted: one more failed than may',
      { runs: [failure] },
      'Halted',
      'Ring canary is halted since 2026-11-23T03:00:00Z, when PatchRun proving/a-nightly-2026-11-23 failed: 1 of 2 VMs failed, 0 may; it goes on once spec.resume names that run.',
    ],
  ])('%s', (_, changes, state, reason) => {
    expect(verdict(changes)).toMatchObject({ state, reason });
  });

  it('proves nothing before its soak is over, to the second, nor by a guest that is not healthy then', () => {
    const [before, after] = [new Date(at('24T03:00').getTime() - 1), at('24T03:00')];
    expect([verdict({}, before), verdict({}, after)].map(contentOf)).toEqual([[], ['openssl 2']]);
    const sick = verdict({ unhealthy: new Set(['a']) });
    expect([contentOf(sick), sick.reason]).toEqual([
      [],
      'Ring canary has proven nothing yet: 1 of 2 VMs done, 0 under way, 0 failed; 1 not healthy, which prove nothing.',
    ]);
  });

  it('proves nothing by runs that installed nothing, nor by those of VMs that are not in it', () => {
    expect(contentOf(verdict({ runs: [run({ outcome: 'Left' })] }))).toEqual([]);
    expect(contentOf(verdict({ members: new Set(['b']) }))).toEqual([]);
  });

  it('proves of two versions the one that was installed later', () => {
    const older = run({ ended: at('22T03:00'), installed: new Map([['openssl', { version: '1' }]]) });
    expect(contentOf(verdict({ runs: [run(), older] }))).toEqual(['openssl 2']);
  });

  it('a run that says nothing an hour after its window has failed', () => {
    const silent = run({ ended: undefined, outcome: undefined });
    expect(verdict({ runs: [silent] }, at('23T04:59')).state).toBe('Open');
    expect(verdict({ runs: [silent] }, at('23T05:00'))).toMatchObject({
      state: 'Halted',
      halt: { at: at('23T05:00') },
    });
  });

  it('is halted by the run that exceeds what may fail, and not by one before', () => {
    const ring = { ...CANARY, maxFailures: 1 };
    expect(verdict({ ring, runs: [failure] }).state).not.toBe('Halted');
    const both = [other({ outcome: 'Failed' }), failure];
    expect(verdict({ ring, runs: both }).halt?.by).toBe('proving/b-nightly-2026-11-23');
  });

  it.each<[RingTerms['maxFailures'], number, number]>([
    [0, 1000, 0],
    [3, 2, 3],
    ['5%', 19, 0],
    ['5%', 20, 1],
    ['100%', 7, 7],
  ])('of %s of %i VMs %i may fail', (share, members, expected) => {
    expect(allowed(share, members)).toBe(expected);
  });
});

describe('MO-11: a halted ring goes on only after an explicit resume', () => {
  const halted = { by: failure.name, at: at('23T03:00') };

  it('not because the VM was patched since, was taken out of the ring, or its run was thrown away', () => {
    const again = run({ name: 'proving/a-nightly-2026-11-24', end: at('24T04:00') });
    expect(verdict({ halted, runs: [failure, again] }).state).toBe('Halted');
    expect(verdict({ halted, runs: [failure], members: new Set(['b']) }).state).toBe('Halted');
    expect(verdict({ halted, runs: [] }).state).toBe('Halted');
  });

  it('by its name, which forgives that run and those before', () => {
    expect(verdict({ halted, runs: [failure], resumedAfter: failure.name }).state).toBe('Waiting');
    expect(verdict({ runs: [failure], resumedAfter: failure.name }).state).toBe('Waiting');
    expect(verdict({ halted, runs: [failure], resumedAfter: 'proving/c-nightly-2026-11-23' }).state).toBe('Halted');
  });

  it('and is halted again by the next failure', () => {
    const next = other({ outcome: 'Failed', ended: at('24T03:00'), end: at('24T04:00') });
    expect(verdict({ runs: [failure, next], resumedAfter: failure.name }).halt?.by).toBe(next.name);
  });

  it('proves nothing while it is halted', () => {
    expect(contentOf(verdict({ halted }))).toEqual([]);
  });
});

describe('MO-11: which rings may be begun', () => {
  const production: RingTerms = { ...CANARY, name: 'production' };
  const own: RingTerms = { ...CANARY, party: 'Customer', name: 'own' };
  const chain = (canary: RingVerdict, customers = verdict()) =>
    [
      [CANARY, canary],
      [production, verdict()],
      [own, customers],
      [{ ...own, name: 'rest' }, verdict()],
    ] as const;

  const frozen = (rings: ReturnType<typeof chain>, name: string) =>
    frozenBy(rings, rings.find(([ring]) => ring.name === name)?.[0]);

  it('all, while none before is halted', () => {
    expect(['canary', 'production', 'own', 'rest'].map(ring => frozen(chain(verdict()), ring))).toEqual([
      ...[undefined, undefined, undefined, undefined],
    ]);
  });

  it('none after a halted one, and not itself', () => {
    const halted = verdict({ runs: [failure] });
    expect(['canary', 'production', 'rest'].map(ring => frozen(chain(halted), ring))).toEqual([
      ...[halted.reason, halted.reason, halted.reason],
    ]);
  });

  it("none after the provider's empty canary, which says so", () => {
    const empty = verdict({ members: new Set(), runs: [] });
    expect(['canary', 'production', 'rest'].map(ring => frozen(chain(empty), ring))).toEqual([
      ...[undefined, empty.reason, empty.reason],
    ]);
  });

  it('those of a customer who has no canary of his own', () => {
    const empty = ringVerdict(evidence({ ring: own, members: new Set(), runs: [] }), NOW);
    expect(empty.reason).toBe('Ring own has no VM and is passed over: what the provider has proven is installed.');
    expect(frozen(chain(verdict(), empty), 'rest')).toBeUndefined();
  });

  it('by party and name: a customer may call a ring of his own as the provider does', () => {
    const halted = ringVerdict(evidence({ ring: { ...own, name: 'canary' }, runs: [failure] }), NOW);
    const alike = [
      [CANARY, verdict()],
      [production, verdict()],
      [{ ...own, name: 'canary' }, halted],
    ] as const;
    expect(alike.map(([ring]) => frozenBy(alike, ring))).toEqual([undefined, undefined, halted.reason]);
  });
});

describe('MO-11: no-new-alerts in the gate of a ring', () => {
  const ring: RingTerms = { ...CANARY, checks: ['guest-health', 'no-new-alerts'] };
  const alert = (began: string) => ({ alert: 'ManagedVMDown', began: at(began), firing: true });
  const seen = (...alerts: readonly ReturnType<typeof alert>[]) => new Map([['a', alerts]]);

  it('lets through what ran for the soak without an alert that is new', () => {
    expect(contentOf(verdict({ ring, alerts: seen(alert('23T01:00')) }))).toEqual(['openssl 2']);
  });

  it('holds everything back where one has begun since, and says which; without the check nobody asks', () => {
    const alerts = seen(alert('23T20:00'));
    const held = verdict({ ring, alerts });
    expect(held).toMatchObject({
      state: 'Waiting',
      reason:
        'Ring canary proves nothing new: 1 of 2 VMs done, 0 under way, 0 failed; alerts have begun on 1 since they were patched, ManagedVMDown of PatchRun proving/a-nightly-2026-11-23 at 2026-11-23T20:00:00Z.',
    });
    expect(contentOf(held)).toEqual([]);
    expect(provenBy(evidence({ ring, alerts }), NOW).size).toBe(0);
    expect(contentOf(verdict({ alerts }))).toEqual(['openssl 2']);
  });

  it('waits where Prometheus does not answer: what is not known is not proven', () => {
    const held = verdict({ ring, alerts: new Map([['a', 'Prometheus has not answered yet']]) });
    expect(held).toMatchObject({
      state: 'Waiting',
      reason: expect.stringContaining('Prometheus has not answered yet'),
    });
    expect(contentOf(held)).toEqual([]);
  });

  it('asks of no VM that was not patched', () => {
    const alerts = new Map<string, VMAlerts>([
      ['a', []],
      ['b', 'nobody knows'],
    ]);
    const left = other({ outcome: 'Left', installed: new Map() });
    expect(verdict({ ring, alerts, runs: [run(), left] }).state).toBe('Proven');
  });
});
