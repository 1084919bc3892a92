import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Incident, MOST_JOINED } from '../../api/incident.ts';
import { ACTIVE, FIRED, heldOf, NOW, named, uid } from './intake.fixtures.ts';
import { type Act, actOn, alertsOf, overAt, type Proven } from './merging.ts';
import { isStorm, type Opened, STORM, withOpened } from './storm.ts';

const down = (startsAt = FIRED): Proven => ({ subject: { ...named, uid }, held: heldOf(), startsAt });
const full = (mountpoint: string): Proven => ({
  subject: { ...named, uid },
  held: heldOf('ManagedVMFileSystemFull', { mountpoint }),
  startsAt: FIRED,
});
const later = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000);

/** What is there after an act. */
function after(incidents: readonly Incident[], act: Act): Incident[] {
  const { incident } = act;
  if (act.act === 'Known') return [...incidents];
  if (act.act === 'Open')
    return [...incidents, { ...incident, metadata: { ...incident.metadata, uid: `u${incidents.length}` } }];
  const change = act.act === 'Signal' ? { signals: [...act.signals] } : { joined: [...act.joined] };
  const changed = { ...incident, spec: { ...incident.spec, ...change } };
  return incidents.map(each => (each.metadata.name === incident.metadata.name ? changed : each));
}
const tell = (incidents: readonly Incident[], proven: Proven, storm = false, now = NOW) =>
  after(incidents, actOn(proven, incidents, storm, now));
const end = (incidents: readonly Incident[], now: Date) =>
  incidents.map(each => {
    const signals = overAt(each, undefined, now);
    return signals === undefined ? each : { ...each, spec: { ...each.spec, signals: [...signals] } };
  });
const closed = (incidents: readonly Incident[]): Incident[] =>
  incidents.map(each => ({ ...each, status: { phase: 'Closed' } }) as Incident);

describe('MO-14: an alert that is proven', () => {
  it('opens an incident that says what was seen, and leaves its rating to the operator', () => {
    const act = actOn(down(), [], false, NOW);
    expect(act).toMatchObject({
      act: 'Open',
      incident: {
        metadata: { name: expect.stringMatching(/^inc-[0-9a-f]{16}$/), namespace: 'acme' },
        spec: {
          subject: { kind: 'ManagedVM', name: 'shop-db', uid },
          alert: {
            ...{ name: 'ManagedVMDown', startsAt: '2026-11-30T11:45:00Z', severity: 'critical' },
            ...{ fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/), summary: 'shop-db is down' },
            labels: [
              { name: 'managed_vm', value: 'shop-db' },
              { name: 'namespace', value: 'acme' },
              { name: 'os_family', value: 'Linux' },
              { name: 'service_level', value: 'AdvancedMonitoringAndPatching' },
              { name: 'severity', value: 'critical' },
            ],
          },
          detectedAt: '2026-11-30T11:45:00Z',
          proof: { verdict: 'Proven', at: '2026-11-30T12:00:00Z' },
        },
      },
    });
    expect(act.incident.spec).not.toHaveProperty('rating');
  });

  it('is the same incident where it fires on under another beginning, for all were started anew', () => {
    const incidents = tell([], down());
    expect(actOn(down(later(3)), incidents, false, later(5)).act).toBe('Known');
  });

  it('opens the same incident again where it was over and fires anew, as long as that is not closed', () => {
    const over = end(tell([], down()), later(1));
    const [again, ...more] = tell(over, down(later(2)), false, later(10));
    expect(more).toEqual([]);
    expect(again?.spec.signals).toEqual([
      { at: '2026-11-30T12:01:00Z', firing: false },
      { at: '2026-11-30T12:02:00Z', firing: true },
    ]);
  });

  it('is another incident once that is closed, and not while it is the very one that was closed', () => {
    const before = closed(tell([], down()));
    expect(actOn(down(), before, false, later(10)).act).toBe('Known');
    expect(actOn(down(later(2)), before, false, later(10)).act).toBe('Open');
  });

  it('begins neither before its expression held nor in the future, whatever Alertmanager was told', () => {
    const at = (startsAt: Date) => actOn(down(startsAt), [], false, NOW).incident.spec.alert?.startsAt;
    expect(at(new Date(0))).toBe('2026-11-30T11:40:00Z');
    expect(at(later(60))).toBe('2026-11-30T12:00:00Z');
    expect(ACTIVE < FIRED).toBe(true);
  });

  it('is one incident however often and in whatever order it is told', () => {
    const events = fc.array(
      fc.record({
        what: fc.constantFrom('firing', 'over'),
        start: fc.nat(3),
        at: fc.nat(30),
        mount: fc.constantFrom('/a', '/b'),
      }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(events, told => {
        let incidents: Incident[] = [];
        for (const { what, start, at, mount } of told)
          incidents =
            what === 'over'
              ? end(incidents, later(at))
              : tell(incidents, { ...full(mount), startsAt: later(start - 20) }, false, later(at));
        const fingerprints = incidents.map(({ spec }) => spec.alert?.fingerprint);
        expect(new Set(fingerprints).size).toBe(fingerprints.length);
        for (const { spec } of incidents) {
          const times = spec.signals?.map(({ at }) => at) ?? [];
          expect(times).toEqual(times.toSorted());
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe('MO-14: that it is over', () => {
  it('is told once, with the end that Alertmanager says where that is no future', () => {
    const [incident] = tell([], down());
    if (incident === undefined) throw new Error('no incident');
    expect(overAt(incident, later(-5), NOW)).toEqual([{ at: '2026-11-30T11:55:00Z', firing: false }]);
    expect(overAt(incident, later(5), NOW)).toEqual([{ at: '2026-11-30T12:00:00Z', firing: false }]);
    const [over] = end([incident], NOW);
    expect(over && overAt(over, undefined, later(1))).toBeUndefined();
    expect(overAt({ ...incident, status: { phase: 'Closed' } } as Incident, undefined, NOW)).toBeUndefined();
  });
});

describe('MO-14: a storm', () => {
  it('puts alerts about one system together, each into exactly one incident', () => {
    let incidents: Incident[] = [];
    const mounts = Array.from({ length: MOST_JOINED + 36 }, (_, index) => `/mnt/${index}`);
    for (const mount of [...mounts, ...mounts]) incidents = tell(incidents, full(mount), true);
    expect(incidents).toHaveLength(2);
    const all = incidents.flatMap(alertsOf).map(({ fingerprint }) => fingerprint);
    expect([all.length, new Set(all).size]).toEqual([mounts.length, mounts.length]);
  });

  it('leaves an incident that is over or closed as it is', () => {
    const over = end(tell([], full('/a')), later(1));
    expect(actOn(full('/b'), over, true, later(2)).act).toBe('Open');
    expect(actOn(full('/b'), closed(tell([], full('/a'))), true, later(2)).act).toBe('Open');
  });

  it('is more than a hundred incidents within a minute', () => {
    const filled = (count: number) =>
      Array.from({ length: count }).reduce<Opened>(opened => withOpened(opened, NOW), []);
    expect(isStorm(filled(STORM), NOW)).toBe(false);
    expect(isStorm(filled(STORM + 1), NOW)).toBe(true);
    expect(isStorm(filled(STORM + 1), later(1))).toBe(false);
    expect(filled(10_000)).toHaveLength(STORM + 1);
  });
});
