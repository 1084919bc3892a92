import { describe, expect, it } from 'vitest';
import { DAY, dayOf, LEVEL, VM } from './report.fixtures.ts';

const APPEARED = { at: '2026-12-01T06:00:00.000Z', after: VM };

describe('a closed day', () => {
  it('GE-1: has a system from the minute at which it appeared, at its level, minute by minute', () => {
    const { systems } = dayOf([
      APPEARED,
      {
        at: '2026-12-01T11:00:59.000Z',
        what: 'Changed',
        before: { 'spec.serviceLevel': LEVEL },
        after: { 'spec.serviceLevel': 'Admin' },
      },
      { at: '2026-12-01T22:00:00.000Z', what: 'Gone', before: { ...VM, 'spec.serviceLevel': 'Admin' } },
    ]);
    expect(systems).toMatchObject([
      {
        there: [[420, 1380]],
        levels: [
          { level: LEVEL, from: 420, to: 720 },
          { level: 'Admin', from: 720, to: 1380 },
        ],
        measured: [[420, 720]],
      },
    ]);
  });

  it('MO-5: takes nothing for good of which nobody can say', () => {
    const { systems } = dayOf([APPEARED], { measured: () => undefined });
    expect(systems).toMatchObject([{ bad: [], noData: [[420, 1440]] }]);
  });

  it('MO-5: counts only what is watched and there, and a minute without data as neither good nor bad', () => {
    const measured = () => ({ bad: [[400, 500]] as [number, number][], noData: [[480, 490]] as [number, number][] });
    expect(dayOf([APPEARED], { measured }).systems).toMatchObject([
      {
        bad: [
          [420, 480],
          [490, 500],
        ],
        noData: [[480, 490]],
      },
    ]);
  });

  it('GE-8: knows what a system was before its first record that is left, by what later ones say', () => {
    const entries = [
      {
        at: '2026-12-01T12:00:00.000Z',
        what: 'Changed',
        before: { 'spec.powerState': 'Running' },
        after: { 'spec.powerState': 'Stopped' },
      },
      { at: '2026-12-03T12:00:00.000Z', what: 'Standing', after: { ...VM, 'spec.powerState': 'Stopped' } },
    ];
    const { systems } = dayOf(entries, { range: { ...DAY.range, last: 1 } });
    expect(systems).toMatchObject([
      { there: [[0, 1440]], off: [[780, 1440]], excused: [{ because: 'PoweredOff', from: 780, to: 1440 }] },
    ]);
  });

  it('GE-8: holds only what was recorded until it was closed: what comes later is of a later day', () => {
    const late = { at: '2026-12-01T12:00:00.000Z', what: 'Gone', before: VM };
    expect(dayOf([APPEARED, late], { range: { ...DAY.range, last: 1 } }).systems).toMatchObject([
      { there: [[420, 1440]] },
    ]);
  });

  it('GE-8: loses no minute to a clock that was set back', () => {
    const { systems } = dayOf([
      APPEARED,
      { at: '2026-12-01T12:00:00.000Z', what: 'Changed', after: { 'spec.serviceLevel': 'Admin' } },
      { at: '2026-12-01T09:00:00.000Z', what: 'Gone', before: VM },
    ]);
    expect(systems).toMatchObject([{ there: [[420, 780]] }]);
  });

  it.each([
    [1380, '2026-03-29', '2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z'],
    [1500, '2026-10-25', '2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z'],
  ])('GE-1: has %i minutes where clocks change', (minutes, day, from, to) => {
    const span = { from: new Date(from), to: new Date(to), minutes };
    const { systems, header } = dayOf([{ at: '2026-01-01T00:00:00.000Z', after: VM }], { day, span });
    expect(header).toMatchObject({ from, to, minutes });
    expect(systems).toMatchObject([{ there: [[0, minutes]] }]);
  });

  it('GE-8: says of each promise how long it was kept, broken and not known', () => {
    const told = (at: string, reason: string) => ({
      ...{ at: `2026-12-01T${at}:00.000Z`, what: 'Changed', after: { 'condition.PatchCompliant': reason } },
    });
    const { systems } = dayOf([
      APPEARED,
      told('07:00', 'False Overdue'),
      told('08:00', 'Unknown NotScanned'),
      told('09:30', 'Unknown NotIncluded'),
      told('10:00', 'True InTime'),
    ]);
    expect(systems[0]?.promises).toEqual([
      { condition: 'PatchCompliant', end: 'True InTime', broken: 60, unknown: 90, kept: 60 + 780 },
    ]);
  });
});

describe('what does not count against the provider', () => {
  const vm = { at: '2026-11-30T20:00:00.000Z', after: VM };
  const excused = (said: Parameters<typeof dayOf>[0]) =>
    dayOf([vm, ...said]).systems.find(({ name }) => name === 'shop-db')?.excused;
  const approval = (more: object = {}) => ({
    ...{ at: '2026-11-30T21:00:00.000Z', kind: 'Approval', name: 'yes', person: 'anna' },
    after: {
      'spec.changeRef': 'chg-1',
      'spec.decision': 'Approve',
      'spec.party': 'Customer',
      'spec.decidedBy': 'anna',
      'condition.Counted': 'True Counted',
      ...more,
    },
  });
  const change = (more: object = {}) => ({
    ...{ at: '2026-11-30T21:00:00.000Z', kind: 'ChangeRequest', name: 'chg-1' },
    after: {
      'spec.target': { kind: 'ManagedVM', name: 'shop-db', uid: 'shop-db' },
      'status.window': { notBefore: '2026-12-01T02:00:00Z', notAfter: '2026-12-01T04:00:00Z' },
      'condition.Agreed': 'True Agreed',
      ...more,
    },
  });

  it('GE-4: a change that was agreed, from its window on until it was over, with who agreed', () => {
    const result = { 'spec.result': { outcome: 'Succeeded', finishedAt: '2026-12-01T02:30:00Z' } };
    expect(excused([approval(), change(result)])).toEqual([
      { because: 'Change', from: 180, to: 210, object: 'ChangeRequest chg-1', approved: 'anna (Customer)' },
    ]);
  });

  it.each([
    ['one that nobody agreed to', change({ 'condition.Agreed': 'False Pending' })],
    ['one that was cancelled', change({ 'spec.result': { outcome: 'Cancelled', finishedAt: '2026-12-01T02:30:00Z' } })],
    [
      'one of another system of that name',
      change({ 'spec.target': { kind: 'ManagedVM', name: 'shop-db', uid: 'other' } }),
    ],
    ['one without a window that nobody has begun', change({ 'status.window': {} })],
  ])('GE-4: not %s', (_, said) => expect(excused([approval(), said])).toEqual([]));

  it('MO-4: a patch run while it is at work, and within its window only', () => {
    const run = (at: string, phase: string, what = 'Changed') => ({
      ...{ at: `2026-12-01T${at}:00.000Z`, what, kind: 'PatchRun', name: 'run-1' },
      after: {
        ...(what === 'Appeared' && {
          'spec.managedVM': { name: 'shop-db', uid: 'shop-db' },
          'spec.occurrence': { start: '2026-12-01T01:00:00Z', end: '2026-12-01T03:00:00Z' },
          'spec.change': { name: 'chg-2' },
        }),
        'status.phase': phase,
      },
    });
    expect(excused([run('00:55', 'Planned', 'Appeared'), run('01:10', 'Patching'), run('03:20', 'Succeeded')])).toEqual(
      [{ because: 'Window', from: 130, to: 240, object: 'PatchRun run-1', approved: 'ChangeRequest chg-2' }],
    );
  });

  it('GE-4: waiting for the customer, with who said so and why', () => {
    const facts = (phase: string) => ({
      'spec.subject': { kind: 'ManagedVM', name: 'shop-db', uid: 'shop-db' },
      'spec.handling.waitingForCustomer': { by: 'kim', reason: 'the password of the database' },
      'status.phase': phase,
    });
    const incident = { kind: 'Incident', name: 'inc-1' };
    expect(
      excused([
        { ...incident, at: '2026-12-01T09:00:00.000Z', after: facts('WaitingForCustomer') },
        { ...incident, at: '2026-12-01T11:00:00.000Z', what: 'Changed', after: facts('InProgress') },
      ]),
    ).toEqual([
      {
        because: 'WaitingForCustomer',
        from: 600,
        to: 720,
        object: 'Incident inc-1',
        approved: 'kim: the password of the database',
      },
    ]);
  });
});

describe('a clock of an incident', () => {
  const clock = (breached: boolean, state = 'Running') => ({ target: '1h', state, breached });
  const incident = (at: string, what: string, after: object) => ({
    at: `2026-12-01T${at}:00.000Z`,
    what,
    kind: 'Incident',
    name: 'inc-1',
    after: after as never,
  });

  it('MO-6: is told as breached once, on the day on which that was recorded', () => {
    const said = [
      incident('09:00', 'Appeared', { 'status.response': clock(false), 'status.phase': 'New' }),
      incident('10:01', 'Changed', { 'status.response': clock(true) }),
      incident('11:00', 'Changed', { 'status.response': clock(true, 'Stopped') }),
    ];
    expect(dayOf(said).clocks).toMatchObject([
      { clock: 'response', outcome: 'Breached', target: '1h', at: '2026-12-01T10:01:00.000Z' },
    ]);
    expect(dayOf(said, { range: { ...DAY.range, first: 3 } }).clocks).toEqual([]);
  });

  it('MO-6: of the resolution is kept when the incident is closed, for until then it can be opened again', () => {
    const said = [
      incident('09:00', 'Appeared', { 'status.resolution': clock(false, 'Stopped'), 'status.phase': 'Resolved' }),
      incident('12:00', 'Changed', { 'status.phase': 'Closed' }),
    ];
    expect(dayOf(said).clocks).toMatchObject([
      { clock: 'resolution', outcome: 'Kept', at: '2026-12-01T12:00:00.000Z' },
    ]);
  });
});
