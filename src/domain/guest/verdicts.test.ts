import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GuestStateStatus } from '../../api/gueststate.ts';
import { MESSAGE_LIMIT } from '../contract/excerpt.ts';
import { assess } from '../managedvm/assess.ts';
import {
  ALL_APPLIED,
  input,
  instance,
  managedVM,
  operatingSystem,
  type Read,
} from '../managedvm/assessment.fixtures.ts';
import type { GuestFacts } from './facts.ts';
import { guestFacts, looked, SINCE } from './guest.fixtures.ts';
import type { ConditionType } from './reasons.ts';

type Order = Parameters<typeof managedVM>;

/** What the two conditions say, and the message of one of them. */
function said(guest: Partial<GuestFacts>, read: Partial<Read> = {}, ...order: Order) {
  const { conditions, status } = assess(
    input({ managedVM: managedVM(...order), ...read, guest }, { outcomes: ALL_APPLIED }),
  );
  const of = (type: ConditionType | 'SLACompliant') => {
    const condition = conditions.find(each => each.type === type);
    if (condition === undefined) throw new Error(`no condition ${type}`);
    return condition;
  };
  const short = (type: ConditionType) => `${of(type).status}/${of(type).reason}`;
  return {
    both: [short('GuestReachable'), short('Configured')],
    of,
    status,
    message: (type: ConditionType) => of(type).message,
  };
}

const record = (change: Record<string, unknown> = {}, rest: Partial<GuestFacts> = {}) =>
  guestFacts(looked(change), rest);
const contact = (outcome: string, more: Record<string, unknown> = {}) => ({
  contact: { outcome, since: SINCE, ...more },
});
const stopped = { virtualMachineInstance: undefined };
const previously = (reason: string): Order => [
  {},
  {
    status: {
      conditions: [{ type: 'GuestReachable', status: 'Unknown', reason, message: '', lastTransitionTime: SINCE }],
    },
  },
];
const difference = (setting: string, found = 'absent') => ({ setting, found, since: SINCE });

describe('MO-8: what is said of the inside of a guest', () => {
  it('is never that a Windows guest is as ordered: what looks into it has met none; that it was reached, its host key proves (MO-7)', () => {
    const serviceLevels = ['AdvancedMonitoringAndPatching', 'Admin'];
    const windows = operatingSystem({ family: 'Windows', packageManager: 'WindowsUpdate', serviceLevels });
    const kept = said(record(), { operatingSystem: windows });
    expect(kept.both).toEqual(['True/Reached', 'Unknown/NotProven']);
    expect(kept.message('Configured')).toMatch(/has every setting.*has met no real Windows, so this proves nothing\.$/);
    const differs = said(record({ differences: [difference('exporter')] }), { operatingSystem: windows });
    expect(differs.both).toEqual(['True/Reached', 'False/SettingsDiffer']);
    // A catalogue that has lost the entry does not make Linux of it.
    expect(said(record(), { operatingSystem: undefined }).both).toEqual(['True/Reached', 'Unknown/NotProven']);
  });

  it.each<[string, ReturnType<typeof said>, string, string]>([
    ['nothing looks into', said({}), 'Unknown/NotLookedInto', 'Unknown/FirstBootNotRecorded'],
    ['that is reached and as ordered', said(record()), 'True/Reached', 'True/AsOrdered'],
    [
      'that is as ordered, told without a list',
      said(record({ differences: undefined })),
      'True/Reached',
      'True/AsOrdered',
    ],
    [
      'that has a setting less',
      said(record({ differences: [difference('exporter')] })),
      'True/Reached',
      'False/SettingsDiffer',
    ],
    ['that has not been looked into', said(guestFacts({})), 'Unknown/Pending', 'Unknown/Pending'],
    [
      'that was looked into, before it started again',
      said(record({ instance: 'earlier' })),
      'Unknown/Pending',
      'Unknown/Pending',
    ],
    [
      'that was looked into, nobody knows which',
      said(record({ instance: undefined })),
      'Unknown/Pending',
      'Unknown/Pending',
    ],
    ['that was compared with the order of before', said(record({ compared: 2 })), 'True/Reached', 'Unknown/Pending'],
    ['that was compared with an order to come', said(record({ compared: 4 })), 'True/Reached', 'Unknown/Pending'],
    ['that was compared with no order', said(record({ compared: undefined })), 'True/Reached', 'Unknown/Pending'],
    ['whose worker is lost', said(record({}, { shard: 'lost' })), 'Unknown/WorkerLost', 'Unknown/WorkerLost'],
    [
      'whose worker was lost when the leader changed',
      said(record({}, { shard: 'undecided' }), {}, ...previously('WorkerLost')),
      'Unknown/WorkerLost',
      'Unknown/WorkerLost',
    ],
    [
      'whose worker lived when the leader changed',
      said(record({}, { shard: 'undecided' }), {}, ...previously('Reached')),
      'True/Reached',
      'True/AsOrdered',
    ],
    ['whose worker lives again', said(record(), {}, ...previously('WorkerLost')), 'True/Reached', 'True/AsOrdered'],
    ['that does not run yet', said(record(), stopped), 'Unknown/NotRunning', 'Unknown/NotRunning'],
    [
      'whose machine is not there',
      said(record(), { virtualMachine: undefined, ...stopped }),
      'Unknown/NotProvisioned',
      'Unknown/NotProvisioned',
    ],
    [
      'that is on its way out',
      said(record(), { virtualMachineInstance: instance({}, undefined, { deletionTimestamp: SINCE }) }),
      'Unknown/NotRunning',
      'Unknown/NotRunning',
    ],
    [
      'that is powered off as ordered',
      said(record(), stopped, { powerState: 'Stopped' }),
      'Unknown/PoweredOff',
      'Unknown/PoweredOff',
    ],
    [
      'that is powered off, its worker lost',
      said(record({}, { shard: 'lost' }), stopped, { powerState: 'Stopped' }),
      'Unknown/PoweredOff',
      'Unknown/PoweredOff',
    ],
    [
      'that is powered off, and nothing looks into it',
      said({}, stopped, { powerState: 'Stopped' }),
      'Unknown/PoweredOff',
      'Unknown/FirstBootNotRecorded',
    ],
    ['that was off when it was looked for', said(record(contact('PoweredOff'))), 'Unknown/Pending', 'Unknown/Pending'],
    [
      'of a system that nobody looks into',
      said(record(contact('NotSupported'))),
      'Unknown/NotLookedInto',
      'Unknown/FirstBootNotRecorded',
    ],
    [
      'that was not reached at its start before',
      said(record({ ...contact('NoAnswer'), instance: 'earlier' })),
      'False/NoAnswer',
      'Unknown/GuestNotReached',
    ],
    [
      'whose record is no record',
      said(guestFacts({ contact: 'yes' })),
      'Unknown/RecordUnreadable',
      'Unknown/RecordUnreadable',
    ],
    [
      'whose record is of a schema to come',
      said(guestFacts({ ...looked(), later: 1 })),
      'Unknown/RecordUnreadable',
      'Unknown/RecordUnreadable',
    ],
    [
      'with further networks that nobody has seen',
      said(record(), {}, { networks: [{ name: 'default' }, { name: 'lan', multusNetwork: 'x' }] }),
      'True/Reached',
      'Unknown/FirstBootNotRecorded',
    ],
  ])('a guest %s', (_, { both }, reachable, configured) => {
    expect(both).toEqual([reachable, configured]);
  });

  it.each([
    'HostKeyMismatch',
    'LoginRefused',
    'NoAnswer',
    'NotReachable',
    'NoPath',
    'NotSSH',
    'OldAlgorithms',
    'ConnectionLost',
    'TimedOut',
    'TooMuchOutput',
    'NotUnderstood',
    'KeysMissing',
    'KeysDiffer',
  ])('a guest that is not reached, %s, has that as its reason, and nothing is claimed of its settings', outcome => {
    const { both, message } = said(record(contact(outcome, { address: '10.0.0.7' })));
    expect(both).toEqual([`False/${outcome}`, 'Unknown/GuestNotReached']);
    expect(message('GuestReachable')).toContain(`has not been reached at 10.0.0.7 since ${SINCE}: `);
  });

  it('a guest that KubeVirt dials in our place says so, and no other way is believed', () => {
    const told = said(record(contact('Reached', { address: '10.0.0.7', way: 'PortForward' })));
    expect(told.message('GuestReachable')).toContain(
      `has been reached at 10.0.0.7 through KubeVirt's portforward since ${SINCE}`,
    );
    expect(GuestStateStatus.safeParse({ contact: { outcome: 'Reached', since: SINCE, way: 'Mallory' } }).success).toBe(
      false,
    );
  });

  it('a word for the contact that is not known is not believed', () => {
    for (const word of ['reached', 'Reached ', 'constructor', '__proto__'])
      expect(said(record(contact(word))).both).toEqual(['Unknown/RecordUnreadable', 'Unknown/GuestNotReached']);
  });

  it('a network that was ordered after the first boot is lacking, whatever else was kept', () => {
    const firstBoot = { at: SINCE, users: [], networks: ['default'], exporter: true, ownUpdater: true };
    const networks = [{ name: 'default' }, { name: 'lan', multusNetwork: 'x' }];
    const { both, message } = said(record(), {}, { networks }, { status: { firstBoot } });
    expect(both).toEqual(['True/Reached', 'False/FirstBootOutdated']);
    expect(message('Configured')).toBe(
      `The first boot at ${SINCE} was given another order than the present one, and nothing else sets this: network lan added.`,
    );
  });

  it('what a first boot did not bring is not said to be lacking where a guest worker has brought it', () => {
    const firstBoot = { at: SINCE, users: [], networks: ['default'], exporter: true, ownUpdater: true };
    const order: Order = [{ access: { users: [{ name: 'anna' }] } }, { status: { firstBoot } }];
    expect(said({}, {}, ...order).both[1]).toBe('Unknown/NotLookedInto');
    expect(said(record(), {}, ...order).both[1]).toBe('True/AsOrdered');
  });
});

describe('the sentences', () => {
  it.each<[string, Partial<GuestFacts>, string]>([
    ['no record', {}, 'there is no GuestState shop-db.'],
    ['no hands for its system', record(contact('NotSupported')), 'it has no hands for its system.'],
    [
      'the record of another',
      { record: { state: 'others' } },
      'GuestState shop-db is that of another ManagedVM and says nothing of this one; once it is deleted, one is made for this.',
    ],
  ])('say why nothing looks into a guest: %s', (_, facts, words) => {
    const { both, message } = said(facts);
    expect(both).toEqual(['Unknown/NotLookedInto', 'Unknown/FirstBootNotRecorded']);
    expect(message('GuestReachable')).toBe(`No guest worker looks into the guest: ${words}`);
  });

  it('name both generations', () => {
    expect(said(record({ compared: 2 })).message('Configured')).toBe(
      'The guest has not been compared with the present order yet: that has generation 3, and it was compared last with generation 2.',
    );
  });

  it('name six settings that differ, with what was found and since when, and how many more there are', () => {
    const eight = Array.from({ length: 8 }, (_, index) => difference(`account:user-${index}`, 'no key'));
    const message = said(record({ differences: eight })).message('Configured');
    expect(message).toMatch(
      /^8 settings in the guest are not as ordered: account:user-0 \(found "no key" since 2026-11-23T11:30:00Z\), /,
    );
    expect(message).toMatch(/account:user-5 \([^)]*\), and 2 more\.$/);
    expect(message).not.toContain('user-6');
  });

  it('MO-16: name what nobody ordered with who and since when, and that breaks nothing while root is shared (MO-8)', () => {
    const foreign = [
      { kind: 'Account', name: 'mallory', detail: 'uid 1001, /bin/bash', since: SINCE },
      { kind: 'SudoRule', name: '/etc/sudoers.d/x', detail: 'written by root', since: SINCE },
    ];
    const { both, message } = said(record({ foreign }));
    expect(both).toEqual(['True/Reached', 'True/AsOrdered']);
    expect(message('Configured')).toBe(
      `The guest has every setting of generation 3, as first found at ${SINCE}; 1 account can log in: see status.access. 2 things in it were ordered by nobody: account "mallory" ("uid 1001, /bin/bash", seen since ${SINCE}), sudo rule "/etc/sudoers.d/x" ("written by root", seen since ${SINCE}).`,
    );
    expect(said(record({ foreign, differences: [difference('exporter')] })).message('Configured')).toContain('mallory');
  });

  it('of a host key name address and instant, and quote what was offered', () => {
    const detail = 'offered SHA256:xyz';
    expect(said(record(contact('HostKeyMismatch', { address: '10.0.0.7', detail }))).message('GuestReachable')).toBe(
      `The guest has not been reached at 10.0.0.7 since ${SINCE}: what answers proves itself with another host key than the one on record, so nobody logs in and nothing is sent to it ("offered SHA256:xyz").`,
    );
  });

  it('of a lost worker name its Lease and what it said last', () => {
    expect(said(record({}, { shard: 'lost' })).message('GuestReachable')).toBe(
      `The Lease "steward-guest-0" is not held, and no guest worker has taken it over, so what is known of the guest is old. Last it said "Reached" since ${SINCE}.`,
    );
  });
});

describe('MO-8: a guest that has booted for the first time', () => {
  // The assessment is made at 12:00.
  const booted = (at: string): Order => [
    {},
    { status: { firstBoot: { users: [], networks: ['default'], exporter: false, ownUpdater: true, at } } },
  ];
  const lease = { holder: 'a', purpose: 'Configuration', generation: 1, since: SINCE, until: SINCE };
  const fence = { generation: 1, bootId: '11111111-1111-1111-1111-111111111111' };
  const claimed = { id: 'configure-1', phase: 'Claimed', fence, at: SINCE };
  const ended = { ...claimed, phase: 'Ended', verdict: 'Finished', exitCode: 1 };
  const differences = [difference('exporter')];
  it.each<[string, Record<string, unknown>, string, string]>([
    ['is being set up before the worker has begun', {}, '2026-11-23T11:55:00Z', 'Unknown/SettingUp'],
    ['is being set up while a step runs', { lease, steps: [claimed] }, '2026-11-23T11:55:00Z', 'Unknown/SettingUp'],
    [
      'is not judged by what a step has just left',
      { lease, steps: [ended] },
      '2026-11-23T11:55:00Z',
      'Unknown/SettingUp',
    ],
    ['is judged by the look after the first step', { steps: [ended] }, '2026-11-23T11:55:00Z', 'False/SettingsDiffer'],
    [
      'is judged after a quarter of an hour, whatever the worker does',
      { lease, steps: [claimed] },
      '2026-11-23T11:45:00Z',
      'False/SettingsDiffer',
    ],
  ])('%s', (_, more, at, configured) => {
    expect(said(record({ differences, ...more }), {}, ...booted(at)).both).toEqual(['True/Reached', configured]);
  });

  it('is judged at last by time alone, and says when', () => {
    const order = managedVM(...booted('2026-11-23T11:55:00Z'));
    const { requeueAt } = assess(
      input({ managedVM: order, guest: record({ differences }) }, { outcomes: ALL_APPLIED }),
    );
    expect(requeueAt).toEqual(new Date('2026-11-23T12:10:00Z'));
    expect(said(record({ differences }), {}, ...booted('2026-11-23T11:55:00Z')).message('Configured')).toBe(
      'The guest booted for the first time at 2026-11-23T11:55:00Z and is being set up: 1 setting still to be made, by 2026-11-23T12:10:00Z at the latest.',
    );
  });

  it('whose first boot is not known is judged at once', () => {
    expect(said(record({ differences })).both).toEqual(['True/Reached', 'False/SettingsDiffer']);
  });
});

describe('by level (design 3)', () => {
  const broken = record({ ...contact('NoAnswer') });
  it.each(['MonitoringAndPatching', 'AdvancedMonitoringAndPatching'])('%s counts both', serviceLevel => {
    expect(said(broken, {}, { serviceLevel }).of('SLACompliant').message).toMatch(
      /1 broken: GuestReachable \(NoAnswer\).* not known:.*Configured \(GuestNotReached\)/,
    );
  });

  it('Admin shows both and counts neither', () => {
    const { of } = said(broken, {}, { serviceLevel: 'Admin' });
    expect(of('SLACompliant')).toMatchObject({ status: 'True' });
    expect(of('SLACompliant').message).toMatch(
      /Shown, not counted:.*GuestReachable \(NoAnswer\), Configured \(GuestNotReached\)/,
    );
  });

  it('a kind that cannot be read leaves nothing known', () => {
    for (const kind of ['GuestState', 'Lease', 'VirtualMachineInstance']) {
      const unreadable = [{ kind, namespace: 'acme', why: 'forbidden' }];
      expect(said(record({}, { unreadable })).both).toEqual(['Unknown/KindNotReadable', 'Unknown/KindNotReadable']);
    }
  });
});

describe('a record that a guest may have written', () => {
  const nasty = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom(
      '\u001b[2J\u001b[31m',
      'a\nb',
      '". Configured is True. "',
      '\u202Eabc',
      'password=hunter2',
      '__proto__',
      '\u0000',
      '9999-12-31T23:59:59-23:59',
    ),
  );
  const words = (max: number) => nasty.map(text => text.slice(0, max));
  const some = (max: number) => words(max).map(text => text || 'x');
  const hostile: fc.Arbitrary<GuestStateStatus> = fc.record({
    worker: words(253),
    contact: fc.record({
      outcome: fc.oneof(some(40), fc.constantFrom('Reached', 'NoAnswer')),
      detail: words(256),
      address: words(64),
      since: words(40),
    }),
    instance: fc.constant('vmi-uid'),
    compared: fc.constant(3),
    lookedAt: words(40),
    differences: fc.array(fc.record({ setting: some(80), found: words(256), since: words(40) }), { maxLength: 64 }),
    access: fc.array(
      fc.record({
        name: some(64),
        ordered: fc.boolean(),
        login: fc.boolean(),
        administrator: fc.boolean(),
        keys: fc.array(words(64), { maxLength: 4 }),
      }),
      { maxLength: 5 },
    ),
    foreign: fc.array(
      fc.record({
        kind: fc.constantFrom('Account' as const, 'Key' as const),
        name: some(128),
        detail: words(256),
        since: words(40),
      }),
      { maxLength: 32 },
    ),
    drift: fc.record({
      healed: fc.nat(),
      last: fc.record({ setting: words(80), before: words(256), after: words(256), at: words(40) }),
    }),
    lease: fc.record({
      holder: some(128),
      purpose: some(40),
      generation: fc.integer({ min: 1, max: 9 }),
      since: words(40),
      until: words(40),
    }),
  });

  it('comes out in one line each, bounded, and no word of it ends the quotation that it stands in', () => {
    fc.assert(
      fc.property(hostile, status => {
        const { of, status: written } = said(guestFacts(status));
        for (const type of ['GuestReachable', 'Configured'] as const) {
          const { message } = of(type);
          expect(message.length).toBeLessThanOrEqual(MESSAGE_LIMIT);
          expect(message).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
          expect(message.replaceAll(/"[^"]*("|$)/g, '')).not.toContain('is True');
        }
        expect(JSON.stringify(written)).not.toMatch(/hunter2|\\u00|\\n|\u202E/);
        const { access, drift, guestWork } = written;
        const instants = [
          access?.readAt,
          drift?.last?.at,
          guestWork?.since,
          ...(access?.foreign ?? []).map(({ since }) => since),
        ];
        for (const each of instants) if (each !== undefined) expect(each).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      }),
      { numRuns: 200 },
    );
  });

  it('cannot say more than that a guest was reached and is as ordered', () => {
    fc.assert(
      fc.property(hostile, status => {
        const others = ({ conditions }: ReturnType<typeof assess>) =>
          conditions
            .filter(({ type }) => !['GuestReachable', 'Configured', 'SLACompliant'].includes(type))
            .map(condition => JSON.stringify(condition));
        const read = { managedVM: managedVM() };
        expect(others(assess(input({ ...read, guest: guestFacts(status) })))).toEqual(others(assess(input(read))));
      }),
      { numRuns: 100 },
    );
  });
});

describe('MO-1: a guest that was taken over', () => {
  const adopted = { uid: 'u', at: SINCE };
  it.each(['HostKeyMismatch', 'LoginRefused', 'NoAnswer'])(
    '%s is no alarm until somebody has let the provider in',
    outcome => {
      const { both, message } = said(record(contact(outcome)), {}, {}, { status: { adopted } });
      expect(both[0]).toBe('False/NotEnrolled');
      expect(message('GuestReachable')).toContain('Secret shop-db-first-boot (key enrol)');
    },
  );
  it('is like any other once it was reached', () => {
    const enrolled = { status: { adopted: { ...adopted, enrolledAt: SINCE } } };
    expect(said(record(contact('HostKeyMismatch')), {}, {}, enrolled).both[0]).toBe('False/HostKeyMismatch');
    const conditions = [
      { type: 'GuestReachable', status: 'True' as const, reason: 'Reached', message: '', lastTransitionTime: SINCE },
    ];
    const justNow = { status: { adopted, conditions } };
    expect(said(record(contact('LoginRefused')), {}, {}, justNow).both[0]).toBe('False/LoginRefused');
  });
});
