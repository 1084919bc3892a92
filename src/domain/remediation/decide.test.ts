import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChangeRequest } from '../../api/changerequest.ts';
import type { ServiceLevel } from '../../api/common.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import { NOT_TO_BE_DONE } from '../contract/stewardchange.ts';
import { managedVM, UID } from '../managedvm/assessment.fixtures.ts';
import { calendarOf } from '../time/calendar.fixtures.ts';
import { remedyChange, remedyChangeName } from './change.ts';
import { decideRemedy } from './decide.ts';
import type { Decision } from './decision.ts';
import type { RemedyFacts, Trouble } from './facts.ts';
import type { Surroundings } from './guards.ts';
import { LADDERS } from './ladders.ts';
import { REACHED } from './reached.fixtures.ts';
import { type Step, stepsOf } from './steps.ts';

const CORE = calendarOf();
/** A Tuesday, 11:00 and 23:00 in Berlin. */
const DAY = new Date('2026-12-01T10:00:00Z');
const NIGHT = new Date('2026-12-01T22:00:00Z');
const MINUTE = 60_000;

const trouble = (more: Partial<Trouble> = {}): Trouble => ({
  ...{ name: 'inc-1', uid: '1111aaaa-1', alert: 'ManagedVMServiceNotRunning', labels: new Map([['service', 'ssh']]) },
  ...{ verdict: 'Proven', isOpen: true, scope: 'OperatingSystem', plan: 'advanced', billing: 'Included' },
  ...{ calendar: undefined, person: undefined, called: false, subject: 'ManagedVM', since: DAY },
  ...more,
});
const around = (more: Partial<Surroundings> = {}): Surroundings => ({
  ...{ mendsInside: true, thresholds: { warning: 80, critical: 90 }, restores: [], changes: [], crowds: [] },
  ...more,
});
const vm = (spec: Partial<ManagedVM['spec']> = {}, status: ManagedVM['status'] = {}): ManagedVM => ({
  ...managedVM({ services: ['ssh', 'shop.service'], ...spec }),
  status: { conditions: [REACHED], ...status },
});
/** What fires has just begun to. */
const facts = (more: Partial<RemedyFacts> = {}): RemedyFacts => ({
  ...{ trouble: trouble({ since: more.now ?? DAY }), managedVM: vm(), remedies: [], surroundings: around(), now: DAY },
  product: undefined,
  ...more,
});
const said = (decision: Decision): string => (decision.act === 'None' ? decision.why : decision.act);
const decided = (more: Partial<RemedyFacts> = {}): string => said(decideRemedy(facts(more)));

/** The change of a decision, as it stands after so many minutes with that result. */
function made(decision: Decision, at: Date, outcome?: 'Succeeded' | 'Failed' | 'Cancelled', uid = 'c1'): ChangeRequest {
  if (decision.act !== 'Remedy') throw new Error(`${said(decision)} is no remedy`);
  const change = remedyChange(decision.wanted, vm(), 'advanced', at);
  const result = { outcome: outcome ?? 'Failed', finishedAt: at.toISOString(), by: 'steward', notes: 'Done.' } as const;
  return {
    ...change,
    metadata: { ...change.metadata, uid, creationTimestamp: at.toISOString() },
    spec: { ...change.spec, ...(outcome && { result }) },
  } as ChangeRequest;
}

const LEVELS: readonly ServiceLevel[] = ['Admin', 'MonitoringAndPatching', 'AdvancedMonitoringAndPatching'];
const HOURS = [
  ['core hours', DAY],
  ['the night', NIGHT],
] as const;

describe('MO-6: which level is mended when', () => {
  const expected: Readonly<Record<ServiceLevel, readonly [string, string]>> = {
    Admin: ['NotIncluded', 'NotIncluded'],
    MonitoringAndPatching: ['Remedy', 'Queued'],
    AdvancedMonitoringAndPatching: ['Remedy', 'Remedy'],
  };
  it.each(LEVELS.flatMap(level => HOURS.map(([name, now], at) => [level, name, now, expected[level][at]] as const)))(
    '%s in %s',
    (serviceLevel, _, now, answer) => {
      const calendar = serviceLevel === 'MonitoringAndPatching' ? CORE : undefined;
      const plan = serviceLevel === 'Admin' ? undefined : 'plan';
      expect(decided({ managedVM: vm({ serviceLevel }), trouble: trouble({ calendar, plan }), now })).toBe(answer);
    },
  );

  it('what is found at night is queued until the next core hour, and is taken up then', () => {
    const queued = decideRemedy(facts({ trouble: trouble({ calendar: CORE }), now: NIGHT }));
    expect(queued).toMatchObject({ why: 'Queued', nextEdge: new Date('2026-12-02T08:00:00Z') });
    expect(decided({ trouble: trouble({ calendar: CORE }), now: new Date('2026-12-02T08:00:00Z') })).toBe('Remedy');
  });

  it('nothing is mended at Admin, whatever was pinned when it was another level', () => {
    expect(decided({ managedVM: vm({ serviceLevel: 'Admin' }) })).toBe('NotIncluded');
  });

  it('GE-3: what takes an Expert application down is mended by the clock of that, by effort, at every level and hour', () => {
    for (const serviceLevel of LEVELS)
      expect(decided({ managedVM: vm({ serviceLevel }), trouble: trouble({ billing: 'ByEffort' }), now: NIGHT })).toBe(
        'Remedy',
      );
  });
});

describe('AP-3, AP-4: a unit of an application that does not run', () => {
  it.each<[string, Partial<Trouble>, string, string]>([
    ['Basic', { plan: undefined }, 'NotIncluded', 'NotIncluded'],
    ['Advanced', { calendar: CORE }, 'Remedy', 'Queued'],
    ['Expert', {}, 'Remedy', 'Remedy'],
  ])('is started as level %s of the application says, whatever the level of the VM', (_, terms, day, night) => {
    for (const serviceLevel of LEVELS) {
      const of = { managedVM: vm({ serviceLevel }), trouble: trouble({ scope: 'Application', ...terms }) };
      expect([decided({ ...of, now: DAY }), decided({ ...of, now: NIGHT })]).toEqual([day, night]);
    }
  });
});

describe('MO-13: only what is proven, and only what is the provider’s', () => {
  it.each<[string, Partial<Trouble>, string]>([
    ['is unproven', { verdict: 'Unproven' }, 'NotProven'],
    ['could not be asked yet', { verdict: 'NotAsked' }, 'NotProven'],
    ['is over', { isOpen: false }, 'Over'],
    ["is the customer's", { scope: 'Customer' }, 'NotIncluded'],
    ["is the platform's", { scope: 'Platform' }, 'NotIncluded'],
    ['has no terms', { plan: undefined }, 'NotIncluded'],
    ['a person has taken up', { person: 'kim' }, 'PersonAtWork'],
    ['a person was called for', { called: true }, 'PersonAtWork'],
    ['has no ladder', { alert: 'ManagedVMDown' }, 'Person'],
    ['has the name of what every object has', { alert: '__proto__' }, 'Person'],
  ])('nothing is done by a machine where it %s', (_, more, answer) => {
    expect(decided({ trouble: trouble(more) })).toBe(answer);
  });
});

describe('never while somebody else works on it, and never on many at once', () => {
  const window = {
    window: 'night',
    date: '2026-12-01',
    start: '2026-12-01T09:00:00Z',
    cutoff: '2026-12-01T10:30:00Z',
    end: '2026-12-01T11:00:00Z',
  };
  const patching = (more: object) =>
    ({ patching: { policy: { kind: 'PatchPolicy', name: 'p' }, provenBy: 'p', ...more } }) as ManagedVM['status'];
  const work = (purpose: string) => ({ guestWork: { purpose, holder: 'h', generation: 1 } }) as ManagedVM['status'];
  const guards: readonly [string, Partial<RemedyFacts>][] = [
    ['it is powered off as ordered', { managedVM: vm({ powerState: 'Stopped' }) }],
    ['it is paused', { managedVM: vm({ paused: { reason: 'x' } as ManagedVM['spec']['paused'] }) }],
    ['its maintenance window is open', { managedVM: vm({}, patching({ nextWindow: window })) }],
    [
      'a PatchRun is under way',
      { managedVM: vm({}, patching({ lastRun: { name: 'r', phase: 'Running', underWay: true } })) },
    ],
    ['somebody patches the guest', { managedVM: vm({}, work('Patch')) }],
    ['it is restored', { surroundings: around({ restores: ['r'] }) }],
    ['a change is under way', { surroundings: around({ changes: ['c'] }) }],
    ['nobody knows whether it is restored', { surroundings: around({ restores: undefined }) }],
    ['nobody knows whether a change is under way', { surroundings: around({ changes: undefined }) }],
    [
      'a fifth of its namespace is being mended',
      { surroundings: around({ crowds: [{ name: 'namespace acme', busy: 2, total: 10 }] }) },
    ],
    [
      'another on a node with few is being mended',
      { surroundings: around({ crowds: [{ name: 'node a', busy: 1, total: 3 }] }) },
    ],
  ];
  const asked = guards.flatMap(([name, more]) =>
    LEVELS.slice(1).flatMap(level => HOURS.map(([when, now]) => [name, level, when, more, now] as const)),
  );

  it.each(asked)('%s (%s, %s)', (name, serviceLevel, _, more, now) => {
    const managed = more.managedVM ?? vm();
    const calendar = serviceLevel === 'MonitoringAndPatching' ? CORE : undefined;
    const answer = decided({
      ...more,
      managedVM: { ...managed, spec: { ...managed.spec, serviceLevel } },
      trouble: trouble({ calendar, since: now }),
      now,
    });
    const isLater = name === 'its maintenance window is open' && now === NIGHT;
    const free = calendar !== undefined && now === NIGHT ? 'Queued' : isLater ? 'Remedy' : 'Guarded';
    expect(answer).toBe(free);
  });

  it('is taken up again when the window has closed, by the clock alone', () => {
    const now = new Date('2026-12-01T10:50:00Z');
    const decision = decideRemedy(facts({ managedVM: vm({}, patching({ nextWindow: window })), now }));
    expect(decision).toMatchObject({ why: 'Guarded', nextEdge: new Date('2026-12-01T11:05:00Z') });
  });

  it.each([
    ['since the alarm fires', DAY, undefined, 30],
    ['in core hours, where those count', new Date('2026-12-01T06:00:00Z'), CORE, -90],
  ])('calls a person when a guard has kept it back for half an hour, %s (MO-13)', (_, since, calendar, minutes) => {
    const at = (minute: number) => new Date(DAY.getTime() + minute * MINUTE);
    const guarded = (now: Date, spec: Partial<ManagedVM['spec']> = {}) =>
      decideRemedy(
        facts({
          trouble: trouble({ since, calendar }),
          managedVM: vm(spec),
          surroundings: around({ changes: ['c'] }),
          now,
        }),
      );
    expect(guarded(at(minutes - 1))).toMatchObject({ why: 'Guarded', nextEdge: at(minutes) });
    expect(guarded(at(minutes))).toEqual({
      act: 'Person',
      message: `ChangeRequest c is under way on it. This has kept Steward from mending it until ${at(minutes).toISOString().replace('.000', '')}: a person is needed.`,
    });
    // What is off by an order is off for as long as that says.
    expect(guarded(at(minutes + 600), { powerState: 'Stopped' })).toMatchObject(
      calendar === undefined ? { why: 'Guarded' } : { why: 'Queued' },
    );
  });

  it('takes turns with what looks after the settings of the guest', () => {
    for (const purpose of ['Configuration', 'Scan'])
      expect(decided({ managedVM: vm({}, work(purpose)) })).toBe('Remedy');
  });

  it('one of a crowd is always mended', () => {
    const crowds = [
      { name: 'namespace acme', busy: 0, total: 1 },
      { name: 'node a', busy: 1, total: 10 },
    ];
    expect(decided({ surroundings: around({ crowds }) })).toBe('Remedy');
  });
});

describe('the ladder', () => {
  const first = decideRemedy(facts());

  it('begins with the gentlest, of the very service that the alarm names and the order knows', () => {
    expect(first).toMatchObject({
      act: 'Remedy',
      wanted: { number: 0, remedy: { action: 'RestartService', unit: 'ssh' } },
    });
    const shop = trouble({ labels: new Map([['service', 'shop']]) });
    expect(decideRemedy(facts({ trouble: shop }))).toMatchObject({ wanted: { remedy: { unit: 'shop.service' } } });
  });

  it.each(['mysql', '', '-f', 'ssh; reboot'])('does nothing to a service that the order does not name: %j', service => {
    expect(decided({ trouble: trouble({ labels: new Map([['service', service]]) }) })).toBe('Person');
  });

  it('does one thing at a time on a VM, waits for what it did, tries again, and then calls a person', () => {
    const running = made(first, DAY);
    expect(decided({ remedies: [running] })).toBe('UnderWay');
    const once = made(first, DAY, 'Succeeded');
    const later = (minutes: number) => new Date(DAY.getTime() + minutes * MINUTE);
    expect(decideRemedy(facts({ remedies: [once], now: later(5) }))).toMatchObject({
      why: 'Cooldown',
      nextEdge: later(10),
    });
    const second = decideRemedy(facts({ remedies: [once], now: later(10) }));
    expect(second).toMatchObject({ act: 'Remedy', wanted: { number: 1 } });
    const twice = [once, made(second, later(10), 'Failed', 'c2')];
    expect(decided({ remedies: twice, now: later(15) })).toBe('Cooldown');
    expect(decided({ remedies: twice, now: later(20) })).toBe('Person');
  });

  it('calls a person at once where the guest has nothing to do it with, as for a masked unit: trying it again is no use', () => {
    const change = made(first, DAY, 'Cancelled');
    const notes = `${NOT_TO_BE_DONE}: ssh.service is masked.`;
    const vain = { ...change, spec: { ...change.spec, result: { ...change.spec.result, notes } } } as ChangeRequest;
    expect(decideRemedy(facts({ remedies: [vain], now: DAY }))).toEqual({
      act: 'Person',
      message: `${notes} A person is needed.`,
    });
    // Found healthy: the alarm may only be late.
    expect(decided({ remedies: [change], now: DAY })).toBe('Cooldown');
    expect(decided({ remedies: [vain], now: new Date(DAY.getTime() + 6 * 60 * MINUTE) })).toBe('Remedy');
  });

  it('counts what was done for the same service in an incident before, and nothing of another service', () => {
    const twice = [made(first, DAY, 'Succeeded', 'a'), made(first, DAY, 'Succeeded', 'b')];
    const now = new Date(DAY.getTime() + 20 * MINUTE);
    const again = trouble({ uid: '2222bbbb-2' });
    expect(decided({ remedies: twice, trouble: again, now })).toBe('Person');
    expect(decided({ remedies: twice, trouble: { ...again, labels: new Map([['service', 'shop']]) }, now })).toBe(
      'Remedy',
    );
  });

  it('restarts a guest only where neither its agent nor its sshd answers', () => {
    const lost = trouble({ alert: 'ManagedVMAgentLost', labels: new Map() });
    const tried = ['a', 'b'].map(uid => made(decideRemedy(facts({ trouble: lost })), DAY, 'Failed', uid));
    const now = new Date(DAY.getTime() + 60 * MINUTE);
    const condition = (type: string, status: string, reason: string) => ({
      type,
      status,
      reason,
      message: '',
      lastTransitionTime: '',
    });
    const silent = (reason: string) =>
      ({
        conditions: [condition('AgentConnected', 'False', 'AgentLost'), condition('GuestReachable', 'False', reason)],
      }) as ManagedVM['status'];
    const asked = { trouble: lost, remedies: tried, now };
    expect(decided({ ...asked, managedVM: vm({}, silent('HostKeyMismatch')) })).toBe('Person');
    expect(decided(asked)).toBe('Person');
    expect(decideRemedy(facts({ ...asked, managedVM: vm({}, silent('NoAnswer')) }))).toMatchObject({
      wanted: { remedy: { action: 'RestartGuest' } },
    });
  });

  it.each([
    ['True', 'Reached', 'Remedy'],
    ['Unknown', 'Pending', 'Guarded'],
    ['False', 'LoginRefused', 'Person'],
    ['False', 'NoAnswer', 'Person'],
    ['Unknown', 'WorkerLost', 'Person'],
  ])('with GuestReachable %s/%s comes to %s: what nobody can do is not waited for', (status, reason, answer) => {
    const conditions = [{ type: 'GuestReachable', status, reason, message: '', lastTransitionTime: '' }];
    expect(decided({ managedVM: vm({}, { conditions } as ManagedVM['status']) })).toBe(answer);
  });

  it('waits for the first look at a VM that is new: of its guest nothing is known yet', () => {
    expect(decided({ managedVM: vm({}, { conditions: [] }) })).toBe('Guarded');
  });

  it('calls a person at once where Steward mends nothing inside of such guests (MO-7)', () => {
    expect(decided({ surroundings: around({ mendsInside: false }) })).toBe('Person');
  });

  it('frees space of the file system that the alarm names, above its own threshold', () => {
    const full = (mountpoint: string) =>
      trouble({ alert: 'ManagedVMFileSystemFull', labels: new Map([['mountpoint', mountpoint]]) });
    expect(decideRemedy(facts({ trouble: full('/var') }))).toMatchObject({
      wanted: { remedy: { action: 'FreeSpace', mountPoint: '/var', abovePercent: 90 } },
    });
    for (const hostile of ['', 'var', '/var/../etc', '/$(x)', `/${'a'.repeat(200)}`])
      expect(decided({ trouble: full(hostile) })).toBe('Person');
  });

  it('has an end for every alarm, whatever comes of its rungs and however often it is asked (MO-13)', () => {
    const outcome = fc.constantFrom('Succeeded', 'Failed', 'Cancelled');
    const alert = fc.constantFrom(...LADDERS.keys());
    fc.assert(
      fc.property(alert, fc.infiniteStream(outcome), (name, outcomes) => {
        const labels = new Map([
          ['service', 'ssh'],
          ['mountpoint', '/'],
        ]);
        const remedies: ChangeRequest[] = [];
        let now = DAY;
        for (let pass = 0; pass < 40; pass++) {
          const decision = decideRemedy(facts({ trouble: trouble({ alert: name, labels }), remedies, now }));
          if (decision.act === 'Person') return;
          if (decision.act === 'Remedy') remedies.push(made(decision, now, outcomes.next().value, `c${pass}`));
          else now = decision.nextEdge ?? expect.fail(`${name} waits for nothing: ${decision.message}`);
        }
        expect.fail(`${name} has no end`);
      }),
    );
  });
});

describe('GE-6: the change by which it is done', () => {
  it('is a Standard one that the plan pre-approves, and is done within ten minutes or not at all', () => {
    const { spec } = made(decideRemedy(facts()), DAY);
    expect(spec).toMatchObject({
      ...{
        class: 'Standard',
        operation: 'Remedy',
        requestedBy: 'steward',
        preApprovedBy: { kind: 'ServicePlan', name: 'advanced' },
      },
      target: { kind: 'ManagedVM', uid: UID },
      window: { notBefore: '2026-12-01T10:00:00Z', notAfter: '2026-12-01T10:10:00Z' },
    });
  });

  it('has the same name whoever makes it, and another for each step', () => {
    const incident = { name: 'inc-1', uid: '1111aaaa-1' };
    expect(remedyChangeName(incident, 0)).toBe('remedy-inc-1-1111aaaa-0');
    expect(remedyChangeName(incident, 1)).toBe('remedy-inc-1-1111aaaa-1');
  });
});

describe('what an incident tells of it', () => {
  const decision = decideRemedy(facts());
  const later = (minutes: number) => new Date(DAY.getTime() + minutes * MINUTE);
  const over: Decision = { act: 'None', why: 'Over', message: '' };
  function steps(
    remedies: readonly ChangeRequest[],
    now: Date,
    more: Partial<Parameters<typeof stepsOf>[0]> = {},
  ): Step[] {
    return stepsOf({
      uid: trouble().uid,
      remedies,
      ended: [],
      decision: over,
      before: [],
      isDryRun: false,
      now,
      ...more,
    });
  }
  const outcomes = (told: readonly Step[]) => told.map(({ action, outcome }) => `${action} ${outcome}`);

  it('is mended when the sensor that raised the alarm says so, and not because it was done', () => {
    const done = [made(decision, DAY, 'Succeeded')];
    expect(outcomes(steps([made(decision, DAY)], later(1)))).toEqual(['RestartService Running']);
    expect(outcomes(steps(done, later(5)))).toEqual(['RestartService Running']);
    expect(outcomes(steps(done, later(5), { ended: [later(3)] }))).toEqual(['RestartService Succeeded']);
    expect(outcomes(steps(done, later(10)))).toEqual(['RestartService Failed']);
    expect(outcomes(steps(done, later(60), { ended: [later(30)] }))).toEqual(['RestartService Failed']);
  });

  it('was left alone where a look in the guest found it healthy', () => {
    expect(outcomes(steps([made(decision, DAY, 'Cancelled')], later(1)))).toEqual(['RestartService Skipped']);
  });

  it('tells once that a person was called, and when', () => {
    const person: Decision = { act: 'Person', message: 'No rung is left. A person is needed.' };
    const first = steps([], DAY, { decision: person });
    expect(outcomes(first)).toEqual(['Person Forbidden']);
    expect(steps([], later(60), { decision: person, before: first })).toEqual(first);
  });

  it('tells in a dry run what would be done, once', () => {
    const first = steps([], DAY, { decision, isDryRun: true });
    expect(first).toMatchObject([
      { outcome: 'DryRun', message: expect.stringContaining('Steward would start service ssh') },
    ]);
    expect(steps([], later(60), { decision, isDryRun: true, before: first })).toEqual(first);
  });

  it('tells nothing of the remedies of another incident', () => {
    expect(steps([made(decision, DAY)], later(1), { uid: 'other' })).toEqual([]);
  });
});
