import { describe, expect, it } from 'vitest';
import type { PatchRun } from '../../api/patchrun.ts';
import {
  type PolicyEvidence,
  type RingMember,
  ringEvidence,
  ringProblem,
  ringStatus,
  ringVerdicts,
  runEvidence,
} from './evidence.ts';
import { OPENSSL as openssl, patchRunOf as run } from './patchrun.fixtures.ts';
import type { RingTerms } from './rings.ts';

const NOW = new Date('2026-11-25T12:00:00Z');
const CANARY: RingTerms = { party: 'Provider', name: 'canary', maxFailures: 0, soakMs: 24 * 3_600_000, checks: [] };
const PRODUCTION: RingTerms = { ...CANARY, name: 'production' };

function member(changes: Partial<RingMember> = {}): RingMember {
  return {
    ...{ uid: 'a', ring: 'canary', operatingSystem: 'debian-13', unhealthy: false, alerts: () => [] },
    runs: [run({ packages: [openssl] })],
    ...changes,
  };
}

function evidence(changes: Partial<PolicyEvidence> = {}): PolicyEvidence {
  return { rings: [CANARY, PRODUCTION], members: [member()], before: [], resume: undefined, ...changes };
}

describe('MO-11: a PatchRun as evidence', () => {
  it.each<[Partial<NonNullable<PatchRun['status']>> | undefined, string | undefined]>([
    [undefined, undefined],
    [{ phase: 'Succeeded' }, 'Succeeded'],
    [{ phase: 'Failed' }, 'Failed'],
    [{ phase: 'Unknown' }, 'Failed'],
    [{ phase: 'WindowExceeded', packages: [{ ...openssl, state: 'Pending' }] }, 'Left'],
    [{ phase: 'WindowExceeded', packages: [openssl, { ...openssl, state: 'Pending' }] }, 'Failed'],
    [{ phase: 'NothingToDo' }, 'Left'],
    [{ phase: 'Skipped' }, 'Left'],
    [{ phase: 'SucceededRebootPending', packages: [openssl] }, 'Left'],
  ])('%j is %s', (status, outcome) => {
    expect(runEvidence(run(status)).outcome).toBe(outcome);
  });

  it('proves only what was read back from the guest', () => {
    const packages = [openssl, { ...openssl, package: 'curl', state: 'Failed' } as const];
    expect([...runEvidence(run({ packages })).installed.keys()]).toEqual(['openssl']);
  });
});

describe('MO-11: what a policy says of its rings', () => {
  it('halted, by which run and since when, and why: once a canary broke', () => {
    const verdicts = ringVerdicts(evidence({ members: [member({ runs: [run({ phase: 'Failed' })] })] }), NOW);
    const [canary, production] = verdicts.map(ringStatus);
    expect(canary).toMatchObject({
      ...{ name: 'canary', state: 'Halted', members: 1, failed: 1 },
      ...{ haltedBy: 'proving/a-nightly-2026-11-24', haltedAt: '2026-11-24T02:00:00Z' },
    });
    expect(production?.state).toBe('Empty');
    expect(ringProblem(verdicts)).toEqual({ reason: 'RingHalted', message: canary?.reason });
  });

  it('a halt stays although its run is gone, until somebody resumes it by its name', () => {
    const halted = ringVerdicts(evidence({ members: [member({ runs: [run({ phase: 'Failed' })] })] }), NOW).map(
      ringStatus,
    );
    const after = evidence({ before: halted, members: [member({ runs: [] })] });
    expect(ringVerdicts(after, NOW)[0]?.[1].state).toBe('Halted');
    const resume = { ring: 'canary', afterRun: 'proving/a-nightly-2026-11-24' };
    expect(ringVerdicts({ ...after, resume }, NOW)[0]?.[1].state).toBe('Waiting');
    expect(ringVerdicts({ ...after, resume: { ...resume, ring: 'production' } }, NOW)[0]?.[1].state).toBe('Halted');
  });

  it('empty: of the canary, and not of the last ring, which nobody waits for', () => {
    expect(ringProblem(ringVerdicts(evidence({ members: [] }), NOW))?.reason).toBe('RingEmpty');
    expect(ringProblem(ringVerdicts(evidence(), NOW))).toBeUndefined();
  });

  it('of one system says nothing of another', () => {
    const both = evidence({ members: [member(), member({ uid: 'b', operatingSystem: 'rocky-9', runs: [] })] });
    expect(ringEvidence(both, CANARY, 'rocky-9')).toMatchObject({ members: new Set(['b']), runs: [] });
    expect(ringEvidence(both, CANARY).members.size).toBe(2);
  });

  it('asks for alerts only where the ring checks them', () => {
    const alerts = () => {
      throw new Error('asked');
    };
    const asked = evidence({ members: [member({ alerts })] });
    expect(ringEvidence(asked, CANARY).alerts.size).toBe(0);
    expect(() => ringEvidence(asked, { ...CANARY, checks: ['no-new-alerts'] })).toThrow('asked');
    const found = ringEvidence(evidence(), { ...CANARY, checks: ['no-new-alerts'] });
    expect(found.alerts).toEqual(new Map([['a', []]]));
  });
});
