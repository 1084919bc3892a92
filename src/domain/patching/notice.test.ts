import { describe, expect, it } from 'vitest';
import type { PatchRun } from '../../api/patchrun.ts';
import { managedVM } from '../managedvm/assessment.fixtures.ts';
import { planned, runNews, windowNews } from './notice.ts';
import { patchingFactsOf, patchPolicyOf } from './patching.fixtures.ts';
import { termsOf } from './policyfor.ts';

/** Tuesdays at 02:00 in Berlin. */
const OWN = managedVM({ patchPolicyRef: { kind: 'PatchPolicy', name: 'tuesday-night' } });
const NIGHTLY = managedVM();

function plannedAt(time: string, order = OWN, told = true) {
  const now = new Date(time);
  const { terms } = termsOf(order, patchingFactsOf({ patchPolicy: patchPolicyOf() }), now);
  if (terms === undefined) throw new Error('there are no terms');
  return planned(terms, [], told, now);
}

describe('GE-4: advance notice of a window', () => {
  it('says by which policy and when', () => {
    expect(plannedAt('2026-11-26T12:00:00Z').patching).toEqual({
      policy: { kind: 'PatchPolicy', name: 'tuesday-night' },
      provenBy: 'standard',
      nextWindow: {
        ...{ window: 'tuesday-night', date: '2026-12-01', start: '2026-12-01T01:00:00Z' },
        ...{ cutoff: '2026-12-01T04:15:00Z', end: '2026-12-01T05:00:00Z' },
      },
    });
  });

  it.each<[string, string, string | undefined, string]>([
    ['not before 72 h', '2026-11-28T00:59:59Z', undefined, '2026-11-28T01:00:00.000Z'],
    ['72 h before', '2026-11-28T01:00:00Z', '72h', '2026-11-30T01:00:00.000Z'],
    ['24 h before', '2026-11-30T01:00:00Z', '24h', '2026-12-01T01:00:00.000Z'],
    ['for the next one once it has begun', '2026-12-01T01:00:00Z', undefined, '2026-12-05T01:00:00.000Z'],
  ])('is given %s, and it is looked again when the next is due', (_, at, announced, edge) => {
    const { patching, nextEdge } = plannedAt(at);
    expect(patching.announced).toBe(announced);
    expect(nextEdge?.toISOString()).toBe(edge);
  });

  it('of a nightly window is given as soon as the one before has begun', () => {
    expect(plannedAt('2026-11-24T02:00:00Z', NIGHTLY).patching).toMatchObject({
      ...{ nextWindow: { start: '2026-11-25T02:00:00Z' }, announced: '24h' },
    });
  });

  it('is not given of what rests', () => {
    expect(plannedAt('2026-11-30T12:00:00Z', OWN, false).patching.announced).toBeUndefined();
  });

  it('is told in one event for each notice, whichever operator writes the status', () => {
    const times = [
      '2026-11-27T12:00:00Z',
      '2026-11-28T01:00:00Z',
      '2026-11-29T12:00:00Z',
      '2026-11-30T01:00:00Z',
      '2026-11-30T13:00:00Z',
    ];
    const statuses = [undefined, ...times.map(at => plannedAt(at).patching)];
    const told = statuses.slice(1).map((after, index) => windowNews(statuses[index], after).length);
    expect(told).toEqual([0, 1, 0, 1, 0]);
    expect(windowNews(statuses[3], statuses[4])).toEqual([
      {
        ...{ type: 'Normal', reason: 'MaintenanceAnnounced' },
        message:
          'Window tuesday-night opens on 2026-12-01T01:00:00Z and closes on 2026-12-01T05:00:00Z: what PatchPolicy tuesday-night has approved by then is installed, and nothing is begun after 2026-12-01T04:15:00Z.',
      },
    ]);
  });

  it('is told again of a window that was moved', () => {
    const { patching } = plannedAt('2026-11-30T12:00:00Z');
    const next = patching.nextWindow;
    if (next === undefined) throw new Error('there is no window');
    expect(windowNews({ ...patching, nextWindow: { ...next, start: '2026-12-01T02:00:00Z' } }, patching)).toHaveLength(
      1,
    );
  });

  it('is not told where there is no policy any more', () => {
    expect(windowNews(plannedAt('2026-11-30T12:00:00Z').patching, undefined)).toEqual([]);
  });
});

describe('what is told of the last run', () => {
  const status = (phase: string, name = 'tonight') => ({
    ...{ policy: { kind: 'PatchPolicy', name: 'own' } as const, provenBy: 'standard' },
    lastRun: { name, phase, underWay: false },
  });
  const runs = [{ metadata: { name: 'tonight' }, status: { message: 'Nginx has failed.' } }] as unknown as PatchRun[];

  it.each([
    ['Failed', 'PatchFailed'],
    ['Unknown', 'PatchUnknown'],
    ['RolledBack', 'PatchRolledBack'],
  ])('is its failure, once, in its own words: %s', (phase, reason) => {
    const news = [{ type: 'Warning', reason, message: 'PatchRun tonight: Nginx has failed.' }];
    expect(runNews(status('Verifying'), status(phase), runs)).toEqual(news);
    expect(runNews(status(phase, 'yesterday'), status(phase), runs)).toEqual(news);
    expect(runNews(status(phase), status(phase), runs)).toEqual([]);
  });

  it('is nothing where it went well, or is under way', () => {
    for (const phase of ['Succeeded', 'Verifying', 'NothingToDo', 'Skipped'])
      expect(runNews(undefined, status(phase), runs)).toEqual([]);
    expect(runNews(undefined, undefined, runs)).toEqual([]);
  });
});
