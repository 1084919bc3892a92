import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type IncidentSpec, MOST_EVENTS, type RemediationStep, type TimelineEntry } from '../../api/incident.ts';
import { alertSpec, reportSpec } from './incident.fixtures.ts';
import { phaseOf } from './phase.ts';
import { advanced } from './timeline.ts';

const at = (text: string) => new Date(text);
const CREATED = at('2026-12-01T11:00:02Z');
const look = (
  spec: IncidentSpec,
  now: string,
  stored: readonly TimelineEntry[] = [],
  remediation: readonly RemediationStep[] = [],
) => advanced(stored, { spec, created: CREATED, remediation, isGone: false, now: at(now) });
const brief = (timeline: readonly TimelineEntry[]) => timeline.map(({ at: when, what, by }) => [what, when, by]);

describe('MO-14: what happened to an incident', () => {
  it('begins with the alert, and of a report when the API server took it', () => {
    expect(brief(look(alertSpec(), '2026-12-01T11:05:00Z'))).toEqual([
      ['Detected', '2026-12-01T11:00:00Z', 'the sensor'],
    ]);
    expect(brief(look(reportSpec(), '2026-12-01T11:05:00Z'))).toEqual([['Detected', '2026-12-01T11:00:02Z', 'anna']]);
  });

  it('is what people do, at the instant at which it is seen', () => {
    const open = look(reportSpec(), '2026-12-01T11:05:00Z');
    const waits = { acknowledgedBy: 'kim', waitingForCustomer: { reason: 'Which shop?', by: 'kim' } };
    const waiting = look(reportSpec({ handling: waits }), '2026-12-01T11:10:00Z', open);
    const answered = look(reportSpec({ handling: { acknowledgedBy: 'kim' } }), '2026-12-01T12:00:00Z', waiting);
    const resolution = { outcome: 'Mended', cause: 'A full disk', by: 'kim' };
    const mended = look(reportSpec({ handling: { resolution } }), '2026-12-01T12:30:00Z', answered);
    const notes = [{ by: 'anna', text: 'It is slow again' }];
    const again = look(reportSpec({ handling: { notes } }), '2026-12-02T12:00:00Z', mended);
    expect(brief(again)).toEqual([
      ['Detected', '2026-12-01T11:00:02Z', 'anna'],
      ['Responded', '2026-12-01T11:10:00Z', 'kim'],
      ['Waiting', '2026-12-01T11:10:00Z', 'kim'],
      ['Continued', '2026-12-01T12:00:00Z', undefined],
      ['Resolved', '2026-12-01T12:30:00Z', 'kim'],
      ['Reopened', '2026-12-02T12:00:00Z', 'anna'],
    ]);
  });

  it('is a response too where Steward begins a remedy', () => {
    const step = { step: 0, action: 'RestartUnit', at: '2026-12-01T11:01:00Z' } as const;
    const timeline = look(alertSpec(), '2026-12-01T11:05:00Z', [], [{ ...step, outcome: 'Running' }]);
    expect(brief(timeline)[1]).toEqual(['Responded', '2026-12-01T11:01:00Z', 'steward']);
    expect(look(alertSpec(), '2026-12-01T11:05:00Z', [], [{ ...step, outcome: 'DryRun' }])).toHaveLength(1);
  });

  it('is that an alert ended and fired again, as the sensor says', () => {
    const signals = [
      { at: '2026-12-01T11:30:00Z', firing: false },
      { at: '2026-12-01T12:30:00Z', firing: true },
    ];
    expect(brief(look(alertSpec({ signals }), '2026-12-01T13:00:00Z'))).toEqual([
      ['Detected', '2026-12-01T11:00:00Z', 'the sensor'],
      ['Resolved', '2026-12-01T11:30:00Z', 'the sensor'],
      ['Reopened', '2026-12-01T12:30:00Z', 'the sensor'],
    ]);
  });

  it('is not that it is mended while the alert fires, whoever says so; that it was a false alarm counts at once', () => {
    const mended = { resolution: { outcome: 'Mended', cause: 'Restarted', by: 'kim' } };
    expect(brief(look(alertSpec({ handling: mended }), '2026-12-01T12:00:00Z')).map(([what]) => what)).toEqual([
      'Detected',
      'Responded',
    ]);
    const signals = [{ at: '2026-12-01T12:10:00Z', firing: false }];
    expect(brief(look(alertSpec({ handling: mended, signals }), '2026-12-01T12:11:00Z'))).toContainEqual([
      ...['Resolved', '2026-12-01T12:10:00Z', 'the sensor'],
    ]);
    const false_ = { resolution: { outcome: 'FalseAlarm', cause: 'A test', by: 'kim' } };
    expect(brief(look(alertSpec({ handling: false_ }), '2026-12-01T12:00:00Z')).at(-1)?.[0]).toBe('Resolved');
  });

  it('is closed 72 h after it was resolved, and not opened again after that', () => {
    const signals = [{ at: '2026-12-01T11:30:00Z', firing: false }];
    const closed = look(alertSpec({ signals }), '2026-12-09T11:30:00Z');
    expect(brief(closed).at(-1)).toEqual(['Closed', '2026-12-04T11:30:00Z', 'steward']);
    const again = [...signals, { at: '2026-12-05T11:30:00Z', firing: true }];
    expect(look(alertSpec({ signals: again }), '2026-12-09T11:31:00Z', closed)).toEqual(closed);
    expect(phaseOf(closed, undefined, at('2026-12-09T11:31:00Z'))).toBe('Closed');
  });
});

describe('MO-14: whatever is seen, in whatever steps', () => {
  const signals = fc
    .array(fc.integer({ min: 0, max: 5000 }), { maxLength: 12 })
    .map(minutes =>
      [...new Set(minutes)]
        .toSorted((a, b) => a - b)
        .map((minute, index) => ({ at: iso(minute), firing: index % 2 === 1 })),
    );
  const handling = fc.record(
    {
      acknowledgedBy: fc.constantFrom('kim', 'lee'),
      waitingForCustomer: fc.constant({ reason: 'Which one?', by: 'kim' }),
      resolution: fc.record({
        outcome: fc.constantFrom('Mended', 'FalseAlarm', 'NotMended'),
        cause: fc.constant('x'),
        by: fc.constant('kim'),
      }),
    },
    { requiredKeys: [] },
  );
  const looks = fc.array(fc.tuple(fc.integer({ min: 0, max: 900 }), handling), { minLength: 1, maxLength: 40 });
  const iso = (minute: number) =>
    `${new Date(Date.parse('2026-12-01T11:00:00Z') + minute * 60_000).toISOString().slice(0, 19)}Z`;

  it('nothing is taken back, added twice, or told out of its order', () => {
    fc.assert(
      fc.property(signals, looks, (heard, seen) => {
        let [timeline, minute]: [TimelineEntry[], number] = [[], 0];
        for (const [later, acts] of seen) {
          minute += later;
          const until = iso(minute);
          const spec = alertSpec({ handling: acts, signals: heard.filter(({ at: when }) => when <= until) });
          const next = look(spec, until, timeline);
          expect(next.slice(0, timeline.length)).toEqual(timeline);
          expect(next.map(({ at: when }) => when)).toEqual(next.map(({ at: when }) => when).toSorted());
          expect(next.length).toBeLessThanOrEqual(MOST_EVENTS);
          // A second look, a replay: the same.
          expect(look(spec, until, next)).toEqual(look(spec, until, look(spec, until, next)));
          timeline = next;
        }
        expect(timeline.filter(({ what }) => what === 'Detected' || what === 'Closed').length).toBeLessThanOrEqual(2);
      }),
      { numRuns: 200 },
    );
  });
});
