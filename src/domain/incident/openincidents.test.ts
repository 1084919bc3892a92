import { describe, expect, it } from 'vitest';
import type { IncidentPhase } from '../../api/incident.ts';
import { alertSpec, incidentOf } from './incident.fixtures.ts';
import { openIncidents } from './openincidents.ts';

const since = (phase: IncidentPhase | undefined, at: string) => ({
  ...incidentOf(alertSpec()),
  status: { ...(phase && { phase }), timeline: [{ at, what: 'Detected' as const }] },
});

describe('MO-14: the incidents of a VM that are open', () => {
  it('are those that are neither resolved nor closed, with when the latest was detected', () => {
    const all = [
      since('InProgress', '2026-12-01T10:00:00Z'),
      since('New', '2026-12-01T11:00:00Z'),
      since('WaitingForCustomer', '2026-12-01T09:00:00Z'),
      since('Resolved', '2026-12-01T12:00:00Z'),
      since('Closed', '2026-12-01T12:00:00Z'),
    ];
    expect(openIncidents(all)).toEqual({ open: 3, latest: '2026-12-01T11:00:00Z' });
  });

  it('are none that are unproven: of what anybody may have made up nothing follows (MO-13)', () => {
    const made = since('New', '2026-12-01T12:00:00Z');
    const proof = { verdict: 'Unproven' as const, at: '2026-12-01T12:00:00Z' };
    expect(openIncidents([{ ...made, spec: { ...made.spec, proof } }])).toBeUndefined();
  });

  it('are none where all are over, and a copy, which has no phase, is none', () => {
    const copy = since(undefined, '2026-12-01T12:00:00Z');
    expect(openIncidents([since('Closed', '2026-12-01T12:00:00Z'), copy])).toBeUndefined();
  });
});
