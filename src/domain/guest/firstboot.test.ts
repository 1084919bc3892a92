import { describe, expect, test } from 'vitest';
import type { ManagedVM, ManagedVMStatus } from '../../api/managedvm.ts';
import { type Assessment, assess } from '../managedvm/assess.ts';
import * as A from '../managedvm/assessment.fixtures.ts';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea';
const OTHER_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl';
const ANNA = { name: 'anna', sshKeys: [`${KEY} anna`] };
const access = (...users: Record<string, unknown>[]) => ({ access: { users } });

const empty = {
  virtualMachineInstance: undefined,
  dataVolumes: { root: A.dataVolume('ImportInProgress') },
  claims: {},
};
const filled = { virtualMachineInstance: undefined };
const starting = { virtualMachineInstance: A.instance({ phase: 'Scheduling', conditions: [] }) };
const claimOf = (uid: string) => {
  const claim = A.claim();
  return { root: { ...claim, metadata: { ...(claim.metadata as object), uid } } };
};
const secret = (action: string) => [
  ...A.ALL_APPLIED.filter(({ child }) => child.kind !== 'Secret'),
  A.outcome('Secret', action),
];

type Pass = {
  readonly spec?: Record<string, unknown>;
  readonly read?: Parameters<typeof A.input>[0];
  readonly secret?: string;
  readonly lost?: boolean;
};

/** One pass after another, each with the status that the one before it has written. */
function life(...passes: readonly Pass[]): Assessment {
  let status: ManagedVMStatus | undefined;
  let last: Assessment | undefined;
  for (const pass of passes) {
    const order: ManagedVM = A.managedVM(pass.spec, pass.lost || !status ? {} : { status });
    last = assess(A.input({ managedVM: order, ...pass.read }, { outcomes: secret(pass.secret ?? 'unchanged') }));
    status = last.status;
  }
  if (last === undefined) throw new Error('no pass');
  return last;
}

const read = ({ conditions }: Assessment) => {
  const { status, reason, message } = conditions.find(({ type }) => type === 'Configured') ?? {};
  return { verdict: `${status}/${reason}`, message };
};
/** No interface on the Pod network, so that the guest worker has no way in and first boot makes all that it can. */
const spec = { serviceLevel: 'Admin', networks: [{ name: 'lan', multusNetwork: 'vlan40' }], ...access(ANNA) };
const windows = (...serviceLevels: string[]) =>
  A.operatingSystem({ family: 'Windows', packageManager: 'WindowsUpdate', serviceLevels });
const booted = [{ spec, read: empty, secret: 'created' }, { spec, read: starting }, { spec }] as const;

describe('MO-8: Configured tells what the first boot was given, and what of the order has not reached the guest since', () => {
  test('before the first start nothing is late: what is ordered by then reaches the guest', () => {
    const { status, ...assessment } = life(
      { spec, read: empty, secret: 'created' },
      { spec: { ...spec, ...access() }, read: filled, secret: 'updated' },
    );
    const rest = { networksAtEachStart: true, exporter: false, ownUpdater: true };
    expect(status.firstBoot).toEqual({ users: [], networks: ['lan'], ...rest });
    expect(read({ status, ...assessment }).verdict).toBe('Unknown/FirstBootPending');
  });

  test('a guest that is there within the very pass that made it was given what that pass ordered', () => {
    const root = (action: string) => ({
      child: { kind: 'DataVolume', namespace: 'acme', name: 'shop-db-root' },
      action,
    });
    const outcome = (kind: string, action: string) => (kind === 'DataVolume' ? root(action) : A.outcome(kind, action));
    const made = ['VirtualMachine', 'DataVolume', 'Secret'].map(kind => outcome(kind, 'created'));
    const first = assess(A.input({ managedVM: A.managedVM(spec), ...starting }, { outcomes: made }));
    expect(first.status.firstBoot).toMatchObject({ users: [{ name: 'anna' }] });
    expect(first.status.firstBoot).not.toHaveProperty('at');
    for (const kind of ['VirtualMachine', 'DataVolume', 'Secret']) {
      const others = made.map(each => (each.child.kind === kind ? outcome(kind, 'unchanged') : each));
      const { status } = assess(A.input({ managedVM: A.managedVM(spec), ...starting }, { outcomes: others }));
      expect(status.firstBoot, kind).toBeUndefined();
    }
  });

  test('the record closes when the guest runs, with users, fingerprints, rights, networks and instant', () => {
    expect(life(...booted).status.firstBoot).toEqual({
      at: '2026-11-23T11:21:00Z',
      users: [{ name: 'anna', administrator: true, keys: ['SHA256:bbXpuKG6zhzdmnxq256TlqzFBzRl2f6OOg722cYNbU8'] }],
      networks: ['lan'],
      networksAtEachStart: true,
      exporter: false,
      ownUpdater: true,
    });
  });

  test('what was given is not called configured: nothing looks into the guest', () => {
    expect(read(life(...booted))).toEqual({
      verdict: 'Unknown/FirstBootDelivered',
      message:
        'The first boot at 2026-11-23T11:21:00Z was given all that is ordered (1 user); whether the guest took it is not verified, because nothing looks into the guest yet.',
    });
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['a user more', access(ANNA, { name: 'ben' }), 'user ben added'],
    ['a user less, who can still log in', access(), 'user anna removed'],
    ['another key', access({ ...ANNA, sshKeys: [OTHER_KEY] }), '1 key of anna added, 1 key of anna removed'],
    ['fewer rights', access({ ...ANNA, administrator: false }), 'administrator rights of anna withdrawn'],
    [
      'a level with monitoring and patches',
      { serviceLevel: 'MonitoringAndPatching' },
      "exporter of metrics added, the guest's own updater switched off",
    ],
  ])('%s after the first boot is said, with the difference, and Ready does not hide it', (_, change, words) => {
    const changed = life(
      ...booted,
      { spec: { ...spec, ...change }, secret: 'updated' },
      { spec: { ...spec, ...change } },
    );
    expect(read(changed)).toEqual({
      verdict: 'False/FirstBootOutdated',
      message: `The first boot at 2026-11-23T11:21:00Z was given another order than the present one, and nothing has changed the inside of the guest since, as far as is known: ${words}.`,
    });
    expect(changed.conditions.find(({ type }) => type === 'Ready')?.message).toContain(
      'have not reached the guest: see Configured.',
    );
  });

  test('MO-3: a lower level leaves the exporter as first boot set it, which is said, and a Windows guest its own updater all along', () => {
    const level = 'AdvancedMonitoringAndPatching';
    // By the provider's standard, which the first pass says.
    const patched = { serviceLevel: level };
    const served = { operatingSystem: windows(level, 'Admin') };
    const lowered = life(
      { spec: patched, read: { ...empty, ...served }, secret: 'created' },
      { spec: patched, read: { ...empty, ...served }, secret: 'configured' },
      { spec: patched, read: { ...starting, ...served } },
      { spec: patched, read: served },
      { spec: { serviceLevel: 'Admin' }, read: served },
    );
    expect(lowered.status.firstBoot).toMatchObject({ exporter: true, ownUpdater: true });
    expect(read(lowered).message).toContain('exporter of metrics removed.');
  });

  test('a change that is taken back is no difference', () => {
    expect(read(life(...booted, { spec: { ...spec, ...access() }, secret: 'updated' }, { spec })).verdict).toBe(
      'Unknown/FirstBootDelivered',
    );
  });

  test.each([
    [
      'another network',
      [
        { name: 'lan', multusNetwork: 'vlan40' },
        { name: 'san', multusNetwork: 'v' },
      ],
      'network san added.',
    ],
    [
      'another address',
      [{ name: 'lan', multusNetwork: 'vlan40', addresses: ['10.20.0.5/24'], gateways: ['10.20.0.1'] }],
      'addresses, gateways, DNS, MTU or routes of networks changed.',
    ],
  ])(
    'MO-1: %s reaches a guest at its next start, but none that an earlier Steward had booted',
    (_, networks, words) => {
      const order = { ...spec, networks };
      const set = life(...booted, { spec: order, secret: 'updated' });
      expect(read(set).verdict).toBe('Unknown/FirstBootDelivered');
      const { firstBoot } = set.status;
      const given = firstBoot && { ...firstBoot, networksAtEachStart: undefined };
      const managedVM = A.managedVM(order, { status: { firstBoot: given } });
      const before = assess(A.input({ managedVM }, { outcomes: secret('updated') }));
      expect(read(before)).toMatchObject({
        verdict: 'False/FirstBootOutdated',
        message: expect.stringContaining(words),
      });
    },
  );

  test('GE-9: Windows brings up further networks by itself', () => {
    const system = windows('Admin');
    const networks = [{ name: 'default' }, { name: 'lan', multusNetwork: 'vlan40' }];
    const passes = booted.map(pass => ({
      ...pass,
      read: { ...('read' in pass ? pass.read : {}), operatingSystem: system },
    }));
    const more = life(...passes, { spec: { ...spec, networks }, read: { operatingSystem: system } });
    expect(read(more).verdict).toBe('Unknown/FirstBootDelivered');
  });

  test.each<[string, readonly Pass[]]>([
    [
      'the root disk was taken over from an earlier guest',
      booted.map(pass => ({ ...pass, spec: { ...spec, disks: [{ name: 'root', adopt: { claim: 'old-root' } }] } })),
    ],
    ['its status was lost', [...booted, { spec, lost: true }]],
    ['an older Steward made the guest', [{ spec }]],
    ['an older Steward made the guest, and it is off', [{ spec: { ...spec, powerState: 'Stopped' }, read: filled }]],
    ['the Secret changed while the guest started', [booted[0], { spec, read: starting, secret: 'updated' }, { spec }]],
    [
      'Steward ended between writing the Secret and writing the status',
      [booted[0], { spec: { ...spec, ...access() } }],
    ],
    [
      'the guest boots from another disk than the one that was told of',
      [booted[0], { spec, read: { claims: claimOf('a') } }, { spec, read: { claims: claimOf('b') } }],
    ],
  ])('nothing is claimed where %s', (_, passes) => {
    const { status, ...assessment } = life(...passes);
    expect(status.firstBoot).toBeUndefined();
    expect(read({ status, ...assessment }).verdict).toBe('Unknown/FirstBootNotRecorded');
  });

  test('an order that cannot be carried out changes no record, for it writes no Secret', () => {
    const blocked = life(...booted.slice(0, 1), { spec: { ...spec, ...access() }, read: filled, secret: 'failed' });
    expect(blocked.status.firstBoot?.users).toHaveLength(1);
  });

  test('of a root disk that is an image, each start is a first boot', () => {
    const image = {
      dataVolumes: {},
      claims: {},
      operatingSystem: A.operatingSystem({ image: { containerDisk: { image: 'x' } } }),
    };
    const template = { ...A.TEMPLATE, volumes: [{ name: 'root', containerDisk: { image: 'x' } }] };
    const running = (uid: string) => ({
      ...image,
      virtualMachine: A.virtualMachine({}, { template: { spec: template } }),
      virtualMachineInstance: A.instance({}, A.instanceSpec(template), { uid }),
    });
    const off = { ...running('a'), virtualMachineInstance: undefined };
    const changed = { ...spec, ...access() };
    const first = [
      { spec, read: off, secret: 'created' },
      { spec, read: running('a') },
    ];
    expect(life(...first).status.firstBoot).toMatchObject({ disk: 'a', users: [{ name: 'anna' }] });
    const again = life(
      ...first,
      { spec: changed, read: running('a'), secret: 'updated' },
      { spec: changed, read: off },
      { spec: changed, read: running('b') },
    );
    expect(again.status.firstBoot).toMatchObject({ disk: 'b', users: [] });
    expect(read(again).verdict).toBe('Unknown/FirstBootDelivered');
  });
});

describe('MO-8: of a guest that a worker can come into, first boot gives the way in, and the worker all else', () => {
  const watched = { serviceLevel: 'MonitoringAndPatching', ...access(ANNA) };
  const born = [
    { spec: watched, read: empty, secret: 'created' },
    { spec: watched, read: starting },
    { spec: watched },
  ];
  /** As a Steward before this one recorded it, which gave first boot all that was ordered. */
  const given = {
    at: '2026-11-23T11:21:00Z',
    users: [{ name: 'anna', administrator: true, keys: ['SHA256:bbXpuKG6zhzdmnxq256TlqzFBzRl2f6OOg722cYNbU8'] }],
    ...{ networks: ['default'], exporter: true, ownUpdater: true },
  };
  const later = (change: Record<string, unknown>): Assessment =>
    assess(
      A.input(
        { managedVM: A.managedVM({ ...watched, ...change }, { status: { firstBoot: given } }) },
        { outcomes: secret('updated') },
      ),
    );

  test('the record says so', () => {
    expect(life(...born).status.firstBoot).toEqual({
      ...{ at: '2026-11-23T11:21:00Z', users: [], networks: ['default'], exporter: false, ownUpdater: true },
      networksAtEachStart: true,
    });
  });

  test('a user, a key or a level that changes while the guest starts leaves the record whole, for first boot is given none of them', () => {
    const [first, second] = born;
    const changed = { ...watched, ...access(), serviceLevel: 'Admin' };
    const passes = [first, second].flatMap(pass => pass ?? []);
    expect(life(...passes, { spec: changed }).status.firstBoot?.at).toBe('2026-11-23T11:21:00Z');
  });

  test('where none does, nothing is claimed of what is ordered beyond the way in, and nobody is blamed', () => {
    expect(read(life(...born))).toEqual({
      verdict: 'Unknown/NotLookedInto',
      message:
        "The first boot at 2026-11-23T11:21:00Z brings the way in, and the guest worker all else; but none looks into the guest, so whether it has that cannot be known: user anna added, exporter of metrics added, the guest's own updater switched off.",
    });
    expect(life(...born).conditions.find(({ type }) => type === 'Ready')?.message).not.toContain('not reached');
  });

  test('an order of no more than a first boot brings is delivered', () => {
    const bare = { serviceLevel: 'Admin' };
    const passes = born.map(pass => ({ ...pass, spec: bare }));
    expect(read(life(...passes)).verdict).toBe('Unknown/FirstBootDelivered');
  });

  test.each<[string, Record<string, unknown>, string, string]>([
    ['is delivered where the order is the same', {}, 'Unknown/FirstBootDelivered', '(1 user)'],
    ['a user less, who can still log in', access(), 'False/FirstBootOutdated', 'user anna removed'],
    ['a lower level', { serviceLevel: 'Admin' }, 'False/FirstBootOutdated', 'exporter of metrics removed'],
    ['a user more', access(ANNA, { name: 'ben' }), 'Unknown/NotLookedInto', 'user ben added'],
  ])('what an older Steward gave a first boot: %s', (_, change, verdict, words) => {
    const said = read(later(change));
    expect(said.verdict).toBe(verdict);
    expect(said.message).toContain(words);
  });
});
