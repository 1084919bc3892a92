import { describe, expect, it } from 'vitest';
import type { Incident, IncidentSpec } from '../../api/incident.ts';
import type { IncidentFacts } from './assess.ts';
import { assessIncident } from './assess.ts';
import { agreedTerms, alertSpec, incidentOf, reportSpec, VM_UID, vmFacts } from './incident.fixtures.ts';

const at = (text: string) => new Date(text);
const subject = { uid: VM_UID, facts: vmFacts() };
const facts = (incident: Incident, now: string, more: Partial<IncidentFacts> = {}): IncidentFacts => ({
  ...{ incident, subject, agreed: agreedTerms(), contract: 'acme', problem: undefined, remediation: [] },
  ...{ now: at(now), ...more },
});

/** As the controller does it: rated first, then judged at each of these instants. */
function live(spec: IncidentSpec, instants: readonly string[], more: Partial<IncidentFacts> = {}) {
  const [first = ''] = instants;
  const { rated } = assessIncident(facts(incidentOf(spec), first, more));
  const taken = incidentOf({ ...spec, ...rated });
  let said = assessIncident(facts(taken, first, more));
  for (const now of instants.slice(1)) said = assessIncident(facts({ ...taken, status: said.status }, now, more));
  const condition = (type: string) => said.conditions.find(each => each.type === type);
  return { ...said, condition, taken };
}

describe('MO-14: an incident', () => {
  it('is rated before it is judged, and then has phase, clocks and conditions with their arithmetic', () => {
    const { status, condition, nextEdge } = live(alertSpec(), ['2026-12-01T11:00:30Z']);
    expect(status).toMatchObject({ phase: 'New', subject: VM_UID, contract: 'acme', firing: true });
    expect(status.response).toMatchObject({ due: '2026-12-01T12:00:00Z', breached: false });
    expect(condition('InTime')).toEqual({
      ...{ type: 'InTime', status: 'True', reason: 'Running' },
      message: 'Response is due at 2026-12-01T12:00:00Z (1h). Resolution is due at 2026-12-01T19:00:00Z (8h).',
    });
    expect(nextEdge).toEqual(at('2026-12-01T12:00:01Z'));
  });

  it('says what Steward does about it by itself, or why nothing, as long as it is open (MO-6)', () => {
    const remedy = 'PatchRun r is under way.';
    expect(live(alertSpec(), ['2026-12-01T11:00:30Z'], { remedy }).status.message).toMatch(
      /^P2: nobody has begun[.].* PatchRun r is under way[.]$/,
    );
    const over = { signals: [{ at: '2026-12-01T11:00:20Z', firing: false }] };
    expect(live(alertSpec(over), ['2026-12-01T11:00:30Z'], { remedy }).status.message).not.toContain('PatchRun');
  });

  it('keeps the lines of the log that came with it, whatever the log says later (MO-12)', () => {
    const line = (text: string) => ({ at: '2026-12-01T10:59:00Z', event: 'oom_kill', text });
    const first = live(alertSpec(), ['2026-12-01T11:00:30Z'], { lines: [line('Killed process 12')] });
    expect(first.status.lines).toEqual([line('Killed process 12')]);
    const next = { ...first.taken, status: first.status };
    const later = assessIncident(facts(next, '2026-12-01T11:10:00Z', { lines: [line('other')] }));
    expect(later.status.lines).toEqual(first.status.lines);
  });

  it('is too late at the first second after its time, and stays so', () => {
    const acts = { handling: { acknowledgedBy: 'kim' } };
    const late = live(alertSpec(), ['2026-12-01T11:00:30Z', '2026-12-01T12:00:01Z']);
    expect(late.condition('InTime')).toMatchObject({ status: 'False', reason: 'ResponseTooLate' });
    const after = assessIncident(
      facts({ ...incidentOf({ ...late.taken.spec, ...acts }), status: late.status }, '2026-12-01T12:30:00Z'),
    );
    expect(after.conditions.find(({ type }) => type === 'InTime')).toMatchObject({
      status: 'False',
      message: 'Response took 1h30m of 1h, until 2026-12-01T12:30:00Z. Resolution is due at 2026-12-01T19:00:00Z (8h).',
    });
  });

  it('found at night at Monitoring & Patching is Queued, and looked at again when the core hours begin (MO-6)', () => {
    const spec = alertSpec({ detectedAt: '2026-12-01T22:00:00Z' });
    const more = { subject: { uid: VM_UID, facts: vmFacts({ level: 'MonitoringAndPatching' }) } };
    const night = live(spec, ['2026-12-01T22:01:00Z'], more);
    expect(night.status).toMatchObject({ phase: 'Queued', response: { due: '2026-12-02T09:00:00Z' } });
    expect(night.nextEdge).toEqual(at('2026-12-02T08:00:00Z'));
    expect(live(spec, ['2026-12-01T22:01:00Z', '2026-12-02T08:00:00Z'], more).status.phase).toBe('New');
    expect(live(spec, ['2026-12-01T22:01:00Z']).status.phase).toBe('New');
  });

  it('keeps the terms of the day on which it was detected, whatever is agreed and ordered later (GE-8)', () => {
    const { taken, status } = live(alertSpec(), ['2026-12-01T11:00:30Z']);
    const again = assessIncident(
      facts({ ...taken, status }, '2026-12-01T11:30:00Z', {
        agreed: {},
        subject: { uid: VM_UID, facts: vmFacts({ level: 'Admin' }) },
      }),
    );
    expect(again.rated).toBeUndefined();
    expect(again.status.resolution).toEqual(status.resolution);
  });

  it('whose alert is unproven is recorded, and nothing follows from it', () => {
    const proof = { verdict: 'Unproven', at: '2026-12-01T11:00:05Z', message: 'no rule of ours raises it' };
    const { status, condition, rated } = live(alertSpec({ proof }), ['2026-12-01T11:01:00Z']);
    expect(rated).toBeUndefined();
    expect(status).not.toHaveProperty('response');
    expect(condition('InTime')).toMatchObject({ status: 'Unknown', reason: 'Unproven' });
  });

  it('that was copied or restored runs no clock and says why (GE-8)', () => {
    const { taken } = live(alertSpec(), ['2026-12-01T11:00:30Z']);
    const copy = { ...taken, metadata: { ...taken.metadata, uid: 'another' } };
    const { status, conditions, isJudged } = assessIncident(facts(copy, '2026-12-01T11:30:00Z'));
    expect(status).toEqual({ observedGeneration: 1 });
    expect(conditions).toContainEqual(expect.objectContaining({ type: 'Stalled', reason: 'Copied' }));
    expect(isJudged).toBeUndefined();
  });

  it.each<[string, IncidentFacts['subject']]>([
    ['is not there any more', 'Missing'],
    ['was made anew', { uid: 'another', facts: vmFacts() }],
  ])('of a VM that %s is over', (_what, gone) => {
    const { taken, status } = live(alertSpec(), ['2026-12-01T11:00:30Z']);
    const after = assessIncident(facts({ ...taken, status }, '2026-12-01T11:30:00Z', { subject: gone }));
    expect(after.status.phase).toBe('Resolved');
  });

  it('is not over because the VM cannot be read', () => {
    const { taken, status } = live(alertSpec(), ['2026-12-01T11:00:30Z']);
    const after = assessIncident(facts({ ...taken, status }, '2026-12-01T11:30:00Z', { subject: 'Unknown' }));
    expect(after.status.phase).toBe('New');
    expect(assessIncident(facts(incidentOf(alertSpec()), '2026-12-01T11:30:00Z', { agreed: undefined })).rated).toBe(
      undefined,
    );
  });

  it('that a person reports of a VM that is not there waits for it, and is never taken for another', () => {
    const early = live(reportSpec(), ['2026-12-01T11:01:00Z'], { subject: 'Missing' });
    expect(early.condition('Ready')).toMatchObject({ status: 'False', reason: 'SubjectNotFound' });
    expect(live(reportSpec(), ['2026-12-01T11:01:00Z']).status).toMatchObject({ subject: VM_UID, phase: 'New' });
    const pinned = incidentOf(reportSpec(), { phase: 'New', subject: 'the one of before' });
    expect(assessIncident(facts(pinned, '2026-12-01T11:02:00Z')).rated).toBeUndefined();
  });

  it('is forgotten 90 days after it was closed, and not before (GE-8)', () => {
    const signals = [{ at: '2026-12-01T11:30:00Z', firing: false }];
    const instants = ['2026-12-01T11:31:00Z', '2026-12-04T11:30:00Z'];
    const { isOver, nextEdge, status } = live(alertSpec({ signals }), instants);
    expect({ isOver, phase: status.phase }).toEqual({ isOver: false, phase: 'Closed' });
    expect(nextEdge).toEqual(at('2027-03-04T11:30:00Z'));
    expect(live(alertSpec({ signals }), [...instants, '2027-03-04T11:30:00Z']).isOver).toBe(true);
  });
});
