import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChangeRequest } from '../../api/changerequest.ts';
import { ManagedVMStatus } from '../../api/managedvm.ts';
import { backupPolicyOf } from '../backup/backup.fixtures.ts';
import { changeOf } from '../change/change.fixtures.ts';
import type { ConditionInput } from '../contract/condition.ts';
import { MESSAGE_LIMIT } from '../contract/excerpt.ts';
import type { GuestFacts } from '../guest/facts.ts';
import { recordOf } from '../guest/record.ts';
import type { ShardStanding } from '../guest/shards.ts';
import { type AssessInput, type Assessment, assess } from './assess.ts';
import {
  ALL_APPLIED,
  ALL_INSTALLED,
  claim,
  condition,
  dataVolume,
  factsOf,
  input,
  instance,
  instanceSpec,
  managedVM,
  NOTHING_INSTALLED,
  NOW,
  operatingSystem,
  outcome,
  type Read,
  SILENT,
  TEMPLATE,
  UID,
  UNDECIDED,
  UNSCRAPED,
  virtualMachine,
  WATCHED,
} from './assessment.fixtures.ts';
import { CONDITIONS, type ConditionType, reasonsOn } from './conditions.ts';
import { PROMISES } from './promises.ts';

type Rest = Parameters<typeof input>[1];
const get = ({ conditions }: Assessment, type: ConditionType): ConditionInput | undefined =>
  conditions.find(c => c.type === type);
const of = (type: ConditionType, read: Partial<Read> = {}, rest: Rest = {}) => get(assess(input(read, rest)), type);
const admin = (spec: Record<string, unknown> = {}) => managedVM({ serviceLevel: 'Admin', ...spec });
const withStatus = (
  conditions: readonly {
    type: string;
    status: 'True' | 'False' | 'Unknown';
    reason: string;
    lastTransitionTime: string;
  }[],
  spec = {},
) => managedVM(spec, { status: { conditions: conditions.map(c => ({ message: '', ...c })) } });
const schedule = outcome('Schedule');
/** Conditions that carry the reason of Ready when True. */
const BORROWS: ReadonlySet<string> = new Set(['Reconciling', 'Stalled']);
const backups = { backupPolicyRef: { kind: 'BackupPolicy', name: 'daily' } };
const COUNTED_WITH_MONITORING = [
  ...['Supported', 'Provisioned', 'Available', 'Monitored', 'EventsMonitored', 'GuestReachable', 'Configured'],
  'PatchCompliant',
  'IncidentsInTime',
];
/** Which reasons a condition may carry. */
const CARRIED = new Map(
  Object.keys(CONDITIONS).map(type => [type, new Set(reasonsOn(PROMISES, type).map(([reason]) => reason))]),
);
const carries = (type: string, reason: string) => CARRIED.get(type)?.has(reason) === true;

describe('a VM that is as ordered', () => {
  it('is Ready and neither Reconciling nor Stalled', () => {
    expect(of('Ready')).toMatchObject({ status: 'True', reason: 'Running' });
    expect(of('Ready')?.message).toBe('VirtualMachine shop-db runs on node node-1. 1 of 1 disks are filled.');
    expect(of('Reconciling')).toMatchObject({ status: 'False' });
    expect(of('Stalled')).toMatchObject({ status: 'False' });
  });
  it('has every condition, each reason known and true of that condition', () => {
    const { conditions } = assess(input());
    expect(conditions.map(({ type }) => type)).toEqual(Object.keys(CONDITIONS));
    for (const { type, reason } of conditions) {
      expect({ type, reason, carried: carries(type, reason) }).toMatchObject({ carried: true });
    }
  });
  it('tells state, node, addresses, guest and disks', () => {
    expect(assess(input()).status).toEqual({
      observedGeneration: 3,
      operatingSystem: 'Debian 13',
      state: 'Running',
      virtualMachine: { name: 'shop-db', uid: 'vm-uid' },
      node: 'node-1',
      addresses: ['10.0.0.7'],
      guest: {
        name: 'Debian GNU/Linux 13 (trixie)',
        version: '13',
        kernelRelease: '6.12.48',
        id: 'debian',
        versionId: '13',
      },
      disks: [{ name: 'root', claim: 'shop-db-root', capacity: '20Gi', phase: 'Filled' }],
      patching: {
        ...{ policy: { kind: 'ClusterPatchPolicy', name: 'standard' }, provenBy: 'standard', announced: '24h' },
        nextWindow: {
          ...{ window: 'nightly', date: '2026-11-24', start: '2026-11-24T02:00:00Z' },
          ...{ cutoff: '2026-11-24T03:30:00Z', end: '2026-11-24T04:00:00Z' },
        },
      },
    });
  });
  it('powered off as ordered is Ready, breaks no promise, and claims nothing about the guest', () => {
    const read = {
      managedVM: managedVM({ powerState: 'Stopped' }),
      virtualMachine: virtualMachine({ printableStatus: 'Stopped' }),
      virtualMachineInstance: undefined,
    };
    expect(of('Ready', read)).toMatchObject({ status: 'True', reason: 'Stopped' });
    for (const type of ['Available', 'AgentConnected', 'Monitored'] as const) {
      expect(of(type, read)).toMatchObject({ status: 'Unknown', reason: 'PoweredOff' });
      expect(of('SLACompliant', read)?.message).toMatch(new RegExp(`Shown, not counted: .*${type} \\(PoweredOff\\)`));
    }
    expect(of('SLACompliant', { ...read, managedVM: admin({ powerState: 'Stopped' }) })).toMatchObject({
      status: 'True',
    });
  });
  it('whose storage waits for the first start is Ready when it shall be off, but not called provisioned', () => {
    const read = {
      managedVM: managedVM({ powerState: 'Stopped' }),
      virtualMachine: virtualMachine({ printableStatus: 'Stopped' }),
      virtualMachineInstance: undefined,
      dataVolumes: { root: dataVolume('WaitForFirstConsumer') },
      claims: {},
    };
    expect(of('Ready', read)).toMatchObject({ status: 'True' });
    expect(of('Provisioned', read)).toMatchObject({ status: 'Unknown', reason: 'WaitForFirstConsumer' });
  });
  it('on a container image has no disk to wait for', () => {
    const template = { ...TEMPLATE, volumes: [{ name: 'root', containerDisk: { image: 'x' } }] };
    const read = {
      virtualMachine: virtualMachine({}, { template: { spec: template } }),
      virtualMachineInstance: instance({}, instanceSpec(template)),
      dataVolumes: {},
      claims: {},
      installed: { ...ALL_INSTALLED, cdi: false },
    };
    expect(of('Ready', read)).toMatchObject({ status: 'True' });
    expect(of('Provisioned', read)).toMatchObject({ status: 'True' });
  });
});

describe('a VM that cannot be as ordered', () => {
  const gone = { virtualMachine: undefined, virtualMachineInstance: undefined, dataVolumes: {}, claims: {} };
  const refused = outcome('VirtualMachine', 'failed', { status: 422, reason: 'Invalid', message: 'denied by webhook' });
  it.each<[string, string, Partial<Read>, Rest]>([
    ['GE-12: an unknown system', 'OperatingSystemNotFound', { ...gone, operatingSystem: undefined }, { outcomes: [] }],
    [
      'MO-7: Windows at Monitoring & Patching',
      'ServiceLevelNotOffered',
      {
        ...gone,
        managedVM: managedVM({ serviceLevel: 'MonitoringAndPatching' }),
        operatingSystem: operatingSystem({
          family: 'Windows',
          packageManager: 'WindowsUpdate',
          serviceLevels: ['Admin', 'AdvancedMonitoringAndPatching'],
        }),
      },
      { outcomes: [] },
    ],
    [
      'a level that the catalogue does not offer',
      'ServiceLevelNotOffered',
      { ...gone, operatingSystem: operatingSystem({ serviceLevels: ['Admin'] }) },
      { outcomes: [] },
    ],
    [
      'a foreign VirtualMachine',
      'VirtualMachineNameTaken',
      { ...gone, virtualMachine: virtualMachine(), foreignVirtualMachine: true },
      { outcomes: [] },
    ],
    [
      'an older ManagedVM with that name',
      'VirtualMachineNameClaimed',
      { ...gone, claimedBy: 'elder' },
      { outcomes: [] },
    ],
    [
      'a disk of another ManagedVM under the wanted name',
      'ChildNameTaken',
      {
        ...gone,
        holds: new Map([['root', { standing: 'held', claim: 'shop-db-root', by: 'shop' }]]),
      },
      { outcomes: [] },
    ],
    [
      'a claim that was there before the order (AP-13)',
      'DiskNeedsConsent',
      {
        ...gone,
        holds: new Map([['root', { standing: 'foreign', claim: 'shop-db-root', uid: 'b', memory: undefined }]]),
      },
      { outcomes: [] },
    ],
    ['keys that the guest was given and that are gone (MO-8)', 'KeysLost', { keysPresent: false }, {}],
    ['KubeVirt missing', 'KubeVirtNotInstalled', { ...gone, installed: { ...ALL_INSTALLED, kubevirt: false } }, {}],
    ['CDI missing', 'CDINotInstalled', { ...gone, installed: { ...ALL_INSTALLED, cdi: false } }, {}],
    [
      'prometheus-operator missing',
      'PrometheusOperatorNotInstalled',
      { installed: { ...ALL_INSTALLED, prometheusOperator: false } },
      {},
    ],
    [
      'Velero missing',
      'VeleroNotInstalled',
      { managedVM: managedVM(backups), installed: { ...ALL_INSTALLED, velero: false } },
      {},
    ],
    [
      'an unknown backup policy',
      'PolicyNotFound',
      { managedVM: managedVM(backups), backup: { policy: undefined } },
      {},
    ],
    ['a webhook that refuses', 'ApplyRefused', {}, { outcomes: [...ALL_APPLIED, refused] }],
    [
      'a disk over quota',
      'QuotaExceeded',
      {
        dataVolumes: {
          root: dataVolume('Pending', [condition('Bound', 'False', 'ErrExceededQuota', 'exceeded quota')]),
        },
        claims: {},
      },
      {},
    ],
    [
      'an image that cannot be imported',
      'ImportFailed',
      {
        dataVolumes: { root: dataVolume('ImportInProgress', [condition('Running', 'False', 'Error', '404')]) },
        claims: {},
      },
      {},
    ],
    [
      'no node with room',
      'Unschedulable',
      {
        virtualMachine: virtualMachine({ printableStatus: 'ErrorUnschedulable' }),
        virtualMachineInstance: instance({ phase: 'Scheduling', conditions: [] }),
      },
      {},
    ],
    [
      'a guest that ends at each start',
      'CrashLoop',
      { virtualMachine: virtualMachine({ printableStatus: 'CrashLoopBackOff' }), virtualMachineInstance: undefined },
      {},
    ],
    [
      'a guest agent that never came',
      'AgentNotConnected',
      { virtualMachineInstance: instance({ conditions: [condition('Ready', 'False')] }) },
      {},
    ],
  ])('because of %s is Stalled with reason %s, and recovers by itself', (_, reason, read, rest) => {
    const found = assess(input(read, rest));
    expect(get(found, 'Ready')).toMatchObject({ status: 'False', reason });
    expect(get(found, 'Stalled')).toMatchObject({ status: 'True', reason });
    expect(get(found, 'Reconciling')).toMatchObject({ status: 'False' });
    expect(
      of('Ready', 'managedVM' in read && read.managedVM?.spec.backupPolicyRef ? { managedVM: managedVM() } : {}),
    ).toMatchObject({ status: 'True' });
  });

  it.each<[string, string, Partial<Read>, Rest]>([
    [
      'the VirtualMachine is not there yet',
      'Provisioning',
      { ...gone, dataVolumes: { root: dataVolume() }, claims: { root: claim() } },
      {},
    ],
    ['a disk is being filled', 'Importing', { dataVolumes: { root: dataVolume('ImportInProgress') }, claims: {} }, {}],
    [
      'the guest starts',
      'Starting',
      {
        virtualMachine: virtualMachine({ printableStatus: 'Starting' }),
        virtualMachineInstance: instance({ phase: 'Scheduling', conditions: [] }),
      },
      {},
    ],
    ['the keys are not stored yet', 'KeysPending', { keysPresent: false, virtualMachine: undefined }, {}],
    [
      'KubeVirt has not looked at the change',
      'SpecNotObserved',
      { virtualMachine: virtualMachine({}, {}, { generation: 2 }) },
      {},
    ],
    ['the target of monitoring is not applied', 'MonitoringPending', {}, { outcomes: [] }],
    [
      'the API server is throttling',
      'ApplyRetrying',
      {},
      {
        outcomes: [
          ...ALL_APPLIED,
          outcome('Secret', 'failed', { status: 429, reason: 'TooManyRequests', message: '' }),
        ],
      },
    ],
    ['backups are not scheduled yet', 'BackupsNotScheduled', { managedVM: managedVM(backups) }, {}],
    ['a restore is under way', 'RestoreInProgress', { virtualMachine: virtualMachine({ restoreInProgress: 'r' }) }, {}],
  ])('while %s is Reconciling with reason %s', (_, reason, read, rest) => {
    const found = assess(input(read, rest));
    expect(get(found, 'Ready')).toMatchObject({ status: 'False', reason });
    expect(get(found, 'Reconciling')).toMatchObject({ status: 'True', reason });
    expect(get(found, 'Stalled')).toMatchObject({ status: 'False' });
  });

  it('MO-7: because of Windows at Monitoring & Patching is refused even if the catalogue offers it', () => {
    const windows = operatingSystem();
    const spec = { ...windows.spec, family: 'Windows' } as const;
    const order = managedVM({ serviceLevel: 'MonitoringAndPatching' });
    const ready = of('Ready', { managedVM: order, operatingSystem: { ...windows, spec } }, { outcomes: [] });
    expect(ready).toMatchObject({ status: 'False', reason: 'ServiceLevelNotOffered' });
    expect(ready?.message).toContain('Windows needs AdvancedMonitoringAndPatching or Admin (MO-7)');
  });

  it('names what somebody must act on before what goes on by itself', () => {
    const read = {
      dataVolumes: { root: dataVolume('ImportInProgress') },
      claims: {},
      installed: { ...ALL_INSTALLED, prometheusOperator: false },
    };
    expect(of('Ready', read)).toMatchObject({ reason: 'PrometheusOperatorNotInstalled' });
  });
  it('is called Blocked when nothing is provisioned, and keeps what runs when its order becomes wrong', () => {
    expect(assess(input({ ...gone, operatingSystem: undefined }, { outcomes: [] })).status.state).toBe('Blocked');
    const running = assess(input({ operatingSystem: undefined }, { outcomes: [] }));
    expect(running.status.state).toBe('Running');
    expect(get(running, 'Available')).toMatchObject({ status: 'True' });
    expect(get(running, 'Provisioned')).toMatchObject({ status: 'True' });
  });
  it('stays Provisioned when a later change is refused', () => {
    expect(of('Provisioned', {}, { outcomes: [...ALL_APPLIED, refused] })).toMatchObject({ status: 'True' });
  });
  it('shows the disk that stands in the way as its state', () => {
    const read = {
      virtualMachine: virtualMachine({ printableStatus: 'Provisioning' }),
      virtualMachineInstance: undefined,
      dataVolumes: { root: dataVolume('ImportInProgress', [condition('Running', 'False', 'Error', '404')]) },
      claims: {},
    };
    expect(assess(input(read)).status.state).toBe('ImportFailed');
  });
});

describe('a disk that is not there (MO-1)', () => {
  const missing = virtualMachine({ printableStatus: 'ErrorPvcNotFound', conditions: [] });
  const read = { virtualMachine: missing, virtualMachineInstance: undefined, dataVolumes: {}, claims: {} };
  const refused = (message: string) => [
    ...ALL_APPLIED.filter(({ child }) => child.kind !== 'DataVolume'),
    outcome('DataVolume', 'failed', { status: 400, reason: '', message }),
  ];
  it('reads as what keeps it away, and not as a stall while that is waited for', () => {
    const outcomes = refused('datasources.cdi.kubevirt.io "rhel-10" not found');
    expect(of('Ready', read, { outcomes })).toMatchObject({ status: 'False', reason: 'ImageSourceNotReady' });
    expect(of('Stalled', read, { outcomes })).toMatchObject({ status: 'False' });
  });
  it('stalls where Steward may not clone its image', () => {
    const outcomes = refused('User x has insufficient permissions in clone source namespace golden-images');
    expect(of('Ready', read, { outcomes })).toMatchObject({ status: 'False', reason: 'ImageNotPermitted' });
    expect(of('Stalled', read, { outcomes })).toMatchObject({ status: 'True', reason: 'ImageNotPermitted' });
  });
});

describe('GE-9: the system that the guest reports', () => {
  const reporting = (guestOSInfo: Record<string, unknown>) => ({ virtualMachineInstance: instance({ guestOSInfo }) });
  const bullseye = reporting({ id: 'debian', prettyName: 'Debian GNU/Linux 11 (bullseye)', versionId: '11' });

  it('is not Supported where it is another release than the one that was ordered, and both are named', () => {
    expect(of('Supported', bullseye)).toEqual({
      type: 'Supported',
      status: 'False',
      reason: 'OtherSystemInGuest',
      message:
        "OperatingSystem debian-13 (Debian 13) was ordered, but the guest agent reports Debian GNU/Linux 11 (bullseye) (ID debian, VERSION_ID 11): the vendor's support for what was ordered says nothing about it.",
    });
    expect(of('SLACompliant', { ...bullseye, managedVM: admin() })).toMatchObject({ status: 'False' });
  });
  it('never makes a system supported that is not, whatever it says', () => {
    const ended = operatingSystem({ lifeCycle: { endOfSupport: '2026-06-30' } });
    expect(of('Supported', { ...bullseye, operatingSystem: ended })).toMatchObject({ reason: 'SupportEnded' });
    expect(of('Supported', { operatingSystem: ended })).toMatchObject({ status: 'False', reason: 'SupportEnded' });
  });
  it('stays known while the guest is off or its agent starts', () => {
    const known = assess(input(bullseye)).status.guest;
    const order = managedVM({}, { status: { guest: known } });
    for (const virtualMachineInstance of [undefined, instance({ guestOSInfo: {} })]) {
      const read = { managedVM: order, virtualMachineInstance };
      expect(of('Supported', read)).toMatchObject({ reason: 'OtherSystemInGuest' });
      expect(assess(input(read)).status.guest).toEqual(known);
    }
  });
  it('is written down without control characters, whatever the guest sends', () => {
    const hostile = {
      name: 'Débian\u0000 GNU/Linux\u001b[31m',
      prettyName: '',
      id: '',
      versionId: '',
      kernelRelease: '6.1.0\n-13',
    };
    expect(assess(input(reporting(hostile))).status.guest).toEqual({
      name: 'Débian  GNU/Linux [31m',
      kernelRelease: '6.1.0 -13',
    });
  });
});

describe('GE-12: a system past its vendor support', () => {
  const read = { operatingSystem: operatingSystem({ lifeCycle: { endOfSupport: '2026-06-30' } }) };
  const nothing = { virtualMachine: undefined, virtualMachineInstance: undefined, dataVolumes: {}, claims: {} };
  const status = { virtualMachine: { name: 'shop-db' } };
  const orderedOn = (creationTimestamp: string, spec = {}, rest: Partial<ReturnType<typeof managedVM>> = {}) => {
    const order = managedVM(spec, rest);
    return { ...order, metadata: { ...order.metadata, creationTimestamp } };
  };
  it('MO-1, GE-9: takes no order that came after its end: nothing is created, and it says why', () => {
    const found = assess(input({ ...read, ...nothing }, { outcomes: [] }));
    expect(get(found, 'Ready')).toMatchObject({ status: 'False', reason: 'SystemNoLongerOffered' });
    expect(get(found, 'Ready')?.message).toBe(
      "The vendor's support for Debian 13 (OperatingSystem debian-13) ended with 2026-06-30, and this order is of 2026-11-23T11:00:00Z: it takes no new orders, so nothing is created (MO-1, GE-9).",
    );
    expect(get(found, 'Stalled')).toMatchObject({ status: 'True' });
    expect(found.status.state).toBe('Blocked');
  });
  it.each([
    ['that runs', read],
    [
      'that takes up the root disk of an earlier guest',
      { ...read, ...nothing, managedVM: managedVM({ disks: [{ name: 'root', adopt: { claim: 'old-root' } }] }) },
    ],
    ['that came on its last day', { ...read, ...nothing, managedVM: orderedOn('2026-06-30T23:59:59Z') }],
    ['whose VirtualMachine somebody deleted', { ...read, ...nothing, managedVM: managedVM({}, { status }) }],
  ])('GE-9: carries on with an order %s', (_, facts) => {
    expect(of('Ready', facts)?.reason).not.toBe('SystemNoLongerOffered');
  });
  it('is not Supported, breaks the sum, and stops nothing', () => {
    expect(of('Supported', read)).toMatchObject({ status: 'False', reason: 'SupportEnded' });
    expect(of('SLACompliant', read)).toMatchObject({ status: 'False', reason: 'PromiseBroken' });
    expect(of('Ready', read)).toMatchObject({ status: 'True' });
    expect(of('Stalled', read)).toMatchObject({ status: 'False' });
  });
});

describe('the guest agent', () => {
  const lost = instance({ conditions: [condition('Ready', 'False')] });
  const young = instance({
    conditions: [condition('Ready', 'False')],
    phaseTransitionTimestamps: [{ phase: 'Running', phaseTransitionTimestamp: '2026-11-23T11:50:00Z' }],
  });
  const had = (status: 'True' | 'False' | 'Unknown', lastTransitionTime: string, reason = 'AgentStarting') =>
    withStatus([{ type: 'AgentConnected', status, reason, lastTransitionTime }]);
  it.each<[string, Partial<Read>, string, string | undefined]>([
    ['has 15 minutes from the start', { virtualMachineInstance: young }, 'AgentStarting', '2026-11-23T12:05:00Z'],
    ['that never came counts after them', { virtualMachineInstance: lost }, 'AgentNotConnected', undefined],
    [
      'just lost has 15 minutes',
      { virtualMachineInstance: lost, managedVM: had('True', '2026-11-01T00:00:00Z') },
      'AgentStarting',
      '2026-11-23T12:15:00Z',
    ],
    [
      'lost 5 minutes ago has 10 left',
      { virtualMachineInstance: lost, managedVM: had('Unknown', '2026-11-23T11:55:00Z') },
      'AgentStarting',
      '2026-11-23T12:10:00Z',
    ],
    [
      'lost 16 minutes ago counts',
      { virtualMachineInstance: lost, managedVM: had('Unknown', '2026-11-23T11:44:00Z') },
      'AgentNotConnected',
      undefined,
    ],
    [
      'counted as lost stays so',
      { virtualMachineInstance: lost, managedVM: had('False', '2026-11-23T11:59:00Z', 'AgentNotConnected') },
      'AgentNotConnected',
      undefined,
    ],
    [
      'of a guest started after the loss has 15 minutes again',
      { virtualMachineInstance: young, managedVM: had('False', '2026-11-23T11:30:00Z', 'AgentNotConnected') },
      'AgentStarting',
      '2026-11-23T12:05:00Z',
    ],
  ])('%s', (_, read, reason, edge) => {
    expect(of('AgentConnected', read)).toMatchObject({
      status: reason === 'AgentStarting' ? 'Unknown' : 'False',
      reason,
    });
    if (edge !== undefined) expect(assess(input(read)).requeueAt).toEqual(new Date(edge));
  });
  it('whose commands are too old still answers', () => {
    const vmi = instance({
      conditions: [
        condition('Ready', 'True'),
        condition('AgentConnected', 'True'),
        condition('AgentVersionNotSupported', 'True'),
      ],
    });
    expect(of('AgentConnected', { virtualMachineInstance: vmi })).toMatchObject({
      status: 'True',
      reason: 'AgentVersionNotSupported',
    });
  });
});

describe('availability', () => {
  const starting = {
    virtualMachine: virtualMachine({ printableStatus: 'Starting' }),
    virtualMachineInstance: instance({ phase: 'Scheduling', conditions: [] }),
  };
  const was = (status: 'True' | 'Unknown') =>
    withStatus([{ type: 'Available', status, reason: 'X', lastTransitionTime: '2026-11-23T11:00:00Z' }]);
  it('is not lost by a first start, but by any later one', () => {
    expect(of('Available', { ...starting, managedVM: was('Unknown') })).toMatchObject({ status: 'Unknown' });
    expect(of('Available', { ...starting, managedVM: was('True') })).toMatchObject({
      status: 'False',
      reason: 'Starting',
    });
  });
  const agentGone = { virtualMachineInstance: instance({ conditions: [] }) };
  /** The agent has been gone for longer than its grace, by what the status says. */
  const lost = (available: 'True' | 'False' | 'Unknown') =>
    withStatus([
      { type: 'AgentConnected', status: 'False', reason: 'X', lastTransitionTime: '2026-11-23T11:45:00Z' },
      { type: 'Available', status: available, reason: 'X', lastTransitionTime: '2026-11-23T11:30:00Z' },
    ]);

  it.each<[string, Partial<Read>, string, string]>([
    ['whose agent answers', {}, 'True', 'GuestAnswers'],
    [
      'whose agent answers, though KubeVirt calls it not ready (a probe of a former release)',
      {
        virtualMachineInstance: instance({
          conditions: [condition('AgentConnected', 'True'), condition('Ready', 'False')],
        }),
      },
      'True',
      'GuestAnswers',
    ],
    [
      'whose agent answers, and whose file systems have been held still for too long',
      {
        managedVM: { ...withStatus([]), status: { freezes: [{ since: '2026-11-23T11:50:00Z' }] } },
        virtualMachineInstance: instance({ fsFreezeStatus: 'frozen' }),
      },
      'False',
      'GuestFrozen',
    ],
    ['without agent, which nobody scrapes', { ...agentGone, managedVM: lost('True') }, 'False', 'GuestNotSeen'],
    [
      'without agent, whose exporter is read',
      { ...agentGone, managedVM: lost('True'), prometheusWatch: WATCHED },
      'True',
      'GuestAnswers',
    ],
    [
      'without agent, whose exporter is not read',
      { ...agentGone, managedVM: lost('True'), prometheusWatch: UNSCRAPED },
      'False',
      'GuestNotSeen',
    ],
    [
      'without agent, while Prometheus is silent',
      { ...agentGone, managedVM: lost('True'), prometheusWatch: SILENT },
      'Unknown',
      'PrometheusSilent',
    ],
    [
      'without agent that was up, while Steward has only just begun to ask Prometheus',
      { ...agentGone, managedVM: lost('True'), prometheusWatch: UNDECIDED },
      'True',
      'GuestAnswers',
    ],
    [
      'without agent that was lost, while Steward has only just begun to ask Prometheus',
      { ...agentGone, managedVM: lost('False'), prometheusWatch: UNDECIDED },
      'False',
      'GuestNotSeen',
    ],
    [
      'without agent of which nothing was known, while Steward has only just begun to ask Prometheus',
      { ...agentGone, managedVM: lost('Unknown'), prometheusWatch: UNDECIDED },
      'Unknown',
      'NotObserved',
    ],
  ])('of a guest %s reads %s', (_, read, status, reason) => {
    expect(of('Available', read)).toMatchObject({ status, reason });
  });

  it('is not broken by a guest that has just started, and counts for nothing what was seen before', () => {
    const booting = {
      virtualMachineInstance: instance({
        phaseTransitionTimestamps: [{ phase: 'Running', phaseTransitionTimestamp: '2026-11-23T11:59:00Z' }],
        conditions: [],
      }),
      prometheusWatch: WATCHED,
    };
    expect(of('Available', booting)).toMatchObject({ status: 'Unknown', reason: 'AgentStarting' });
    expect(of('SLACompliant', booting)).toMatchObject({ status: 'Unknown' });
    expect(of('Available', { ...booting, managedVM: was('True') })).toMatchObject({ status: 'Unknown' });
  });

  it('lasts for the grace when the agent of a guest that was up is lost, and says until when', () => {
    const justLost = withStatus([
      { type: 'AgentConnected', status: 'True', reason: 'X', lastTransitionTime: '2026-11-23T11:30:00Z' },
      { type: 'Available', status: 'True', reason: 'X', lastTransitionTime: '2026-11-23T11:30:00Z' },
    ]);
    expect(of('Available', { ...agentGone, managedVM: justLost })).toEqual({
      type: 'Available',
      status: 'True',
      reason: 'AgentStarting',
      message:
        'The guest runs and was up a moment ago. The guest agent does not answer yet; it has until 2026-11-23T12:15:00Z (15 minutes).',
    });
  });

  it('asks for no exporter at a level without monitoring', () => {
    const unmonitored = { ...lost('True'), spec: admin().spec };
    expect(of('Available', { ...agentGone, managedVM: unmonitored, prometheusWatch: WATCHED })).toMatchObject({
      status: 'False',
      reason: 'GuestNotSeen',
    });
  });
});

describe('MO-5: monitoring', () => {
  it.each<[string, Partial<Read>, Rest, string, string]>([
    ['that the level does not include', { managedVM: admin() }, {}, 'Unknown', 'NotIncluded'],
    [
      'without prometheus-operator',
      { installed: { ...ALL_INSTALLED, prometheusOperator: false } },
      {},
      'False',
      'PrometheusOperatorNotInstalled',
    ],
    [
      'whose target is refused',
      {},
      {
        outcomes: [
          ...ALL_APPLIED,
          outcome('ServiceMonitor', 'failed', { status: 422, reason: 'Invalid', message: 'x' }),
        ],
      },
      'False',
      'ApplyRefused',
    ],
    ['that is in place without proof', {}, {}, 'Unknown', 'NotObserved'],
    ['that Prometheus proves', { prometheusWatch: WATCHED }, {}, 'True', 'PrometheusWatches'],
    ['that Prometheus disproves', { prometheusWatch: UNSCRAPED }, {}, 'False', 'GuestNotScraped'],
    ['proven without rules in place', { prometheusWatch: WATCHED }, { outcomes: [] }, 'Unknown', 'MonitoringPending'],
  ])('%s reads %s', (_, read, rest, status, reason) => {
    expect(of('Monitored', read, rest)).toMatchObject({ status, reason });
  });
});

describe('MO-3: patching', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['that the level does not include', { serviceLevel: 'Admin' }, 'NotIncluded'],
    ['by the standard that selects the namespace, of which nobody has reported', {}, 'NotScanned'],
    ['by a policy that is not there', { patchPolicyRef: { name: 'tuesday' } }, 'PatchPolicyNotFound'],
  ])('%s is Unknown', (_, spec, reason) => {
    expect(of('PatchCompliant', { managedVM: managedVM(spec) })).toMatchObject({ status: 'Unknown', reason });
  });
  it('that the level does not include tells what is missing where that was ordered (MO-3)', () => {
    const ordered = { managedVM: managedVM({ serviceLevel: 'Admin', updateScan: true }) };
    const message =
      'Service level Admin does not include patching (MO-3). Which updates it lacks is not known: it has not been asked yet.';
    expect(of('PatchCompliant', ordered)).toMatchObject({ reason: 'NotIncluded', message });
  });
  it('by no policy at all is Unknown', () => {
    expect(of('PatchCompliant', { patching: { clusterPolicies: [] } })).toMatchObject({ reason: 'NoPatchPolicy' });
  });
  it('is planned in the status, and stays there while policies cannot be read', () => {
    const { patching } = assess(input()).status;
    expect(patching).toMatchObject({ policy: { kind: 'ClusterPatchPolicy', name: 'standard' } });
    const unreadable = [{ kind: 'ClusterPatchPolicy', namespace: '', why: 'forbidden' }];
    const order = managedVM({}, { status: { patching } });
    const blind = input({ managedVM: order, patching: { clusterPolicies: [], unreadable } });
    expect(assess(blind).status.patching).toEqual(patching);
    expect(assess(blind).conditions.find(({ type }) => type === 'PatchCompliant')?.reason).toBe('KindNotReadable');
  });
});

describe('backups', () => {
  const read = { managedVM: managedVM(backups) };
  it('not ordered are not included, nor are rehearsals', () => {
    expect(of('BackupCompliant')).toMatchObject({ status: 'Unknown', reason: 'NotIncluded' });
    expect(of('RestoreVerified')).toMatchObject({ status: 'Unknown', reason: 'NotIncluded' });
  });
  it('that are scheduled are needed for Ready, their age is not', () => {
    const status = { backup: { policy: 'daily', since: '2026-11-20T00:00:00Z' } };
    const late = { managedVM: managedVM(backups, { status }) };
    const outcomes = [...ALL_APPLIED, schedule];
    expect(of('BackupCompliant', late, { outcomes })).toMatchObject({ status: 'False', reason: 'RecoveryPointTooOld' });
    expect(of('Ready', late, { outcomes })).toMatchObject({ status: 'True' });
    expect(of('SLACompliant', late, { outcomes })).toMatchObject({ status: 'False' });
  });
  it('that the policy makes impossible stall with its words', () => {
    const broken = { ...read, backup: { policy: { spec: { ...backupPolicyOf().spec, timeZone: 'Mars' } } } };
    expect(of('BackupCompliant', broken)).toMatchObject({ status: 'False', reason: 'InvalidTimeZone' });
    expect(of('Ready', broken)).toMatchObject({ reason: 'BackupsNotScheduled' });
    expect(of('Stalled', broken)?.message).toContain('Mars is not a zone');
  });
  it('never restored cannot be called restorable where that is asked for', () => {
    const policy = backupPolicyOf({ verification: { maxAge: '720h' } });
    const asked = { ...read, backup: { policy } };
    expect(of('RestoreVerified', asked)).toMatchObject({ status: 'Unknown', reason: 'RestoreNotVerified' });
    expect(of('RestoreVerified', read)).toMatchObject({ status: 'Unknown', reason: 'NotIncluded' });
  });
});

describe('the sum of promises', () => {
  it('is True for Admin when what it includes is kept', () => {
    expect(of('SLACompliant', { managedVM: admin() })).toMatchObject({ status: 'True', reason: 'PromisesKept' });
    expect(of('SLACompliant', { managedVM: admin() })?.message).toBe(
      '2 of 2 promises that count at Admin are kept: Supported, Provisioned. Shown, not counted: Available (GuestAnswers), AgentConnected (AgentAnswers), Monitored (NotIncluded), EventsMonitored (NotIncluded), GuestReachable (NotLookedInto), Configured (FirstBootNotRecorded), SoleRoot (NotIncluded), PatchCompliant (NotIncluded), BackupCompliant (NotIncluded), StorageAvailable (NotIncluded), RPOMet (NotIncluded), RestoreVerified (NotIncluded), RTOMet (NotIncluded), RetentionMet (NotIncluded), ConsistencyMet (NotIncluded), RestartPending (UpToDate), IncidentsInTime (NotIncluded), Contracted (NoContract).',
    );
  });
  it('is Unknown when one cannot be known, and names it', () => {
    expect(of('SLACompliant')?.message).toBe(
      '4 of 9 promises that count at AdvancedMonitoringAndPatching are kept: Supported, Provisioned, Available, IncidentsInTime; 5 not known: Monitored (NotObserved), EventsMonitored (NotObserved), GuestReachable (NotLookedInto), Configured (FirstBootNotRecorded), PatchCompliant (NotScanned). Shown, not counted: AgentConnected (AgentAnswers), SoleRoot (NotIncluded), BackupCompliant (NotIncluded), StorageAvailable (NotIncluded), RPOMet (NotIncluded), RestoreVerified (NotIncluded), RTOMet (NotIncluded), RetentionMet (NotIncluded), ConsistencyMet (NotIncluded), RestartPending (UpToDate), Contracted (NoContract).',
    );
    expect(of('SLACompliant')).toMatchObject({ status: 'Unknown' });
  });
  it('MO-1: says at Admin that a guest in a crash loop does not count, and how it reads', () => {
    const looping = {
      managedVM: admin(),
      virtualMachine: virtualMachine({ printableStatus: 'CrashLoopBackOff' }),
      virtualMachineInstance: instance({ phase: 'Failed' }),
    };
    expect(of('SLACompliant', looping)).toMatchObject({ status: 'True' });
    expect(of('SLACompliant', looping)?.message).toContain('Shown, not counted: Available (CrashLoop), AgentConnected');
    const monitored = { ...looping, managedVM: managedVM({ serviceLevel: 'MonitoringAndPatching' }) };
    expect(of('SLACompliant', monitored)).toMatchObject({ status: 'False' });
    expect(of('SLACompliant', monitored)?.message).toContain('1 broken: Available (CrashLoop)');
  });
  it.each<[string, readonly string[]]>([
    ['Admin', ['Supported', 'Provisioned']],
    ['MonitoringAndPatching', COUNTED_WITH_MONITORING],
    ['AdvancedMonitoringAndPatching', COUNTED_WITH_MONITORING],
  ])('counts at %s what the table of design 3 counts, and backups where they were ordered', (serviceLevel, counted) => {
    const ordered = managedVM({ serviceLevel, ...backups });
    for (const [order, more] of [
      [managedVM({ serviceLevel }), []],
      [ordered, ['BackupCompliant']],
    ] as const) {
      const [sum = '', shown = ''] =
        of('SLACompliant', { managedVM: order })?.message.split(' Shown, not counted: ') ?? [];
      const types = Object.keys(CONDITIONS).filter(type => new RegExp(`\\b${type}\\b`).test(sum));
      expect(types.sort()).toEqual([...counted, ...more].sort());
      for (const type of types) expect(shown).not.toMatch(new RegExp(`\\b${type}\\b`));
    }
  });
  it('is False when one is broken, names it, and is no stall', () => {
    const found = assess(input({ prometheusWatch: UNSCRAPED }));
    expect(get(found, 'SLACompliant')).toMatchObject({ status: 'False' });
    expect(get(found, 'SLACompliant')?.message).toContain('1 broken: Monitored (GuestNotScraped)');
    expect(get(found, 'Ready')).toMatchObject({ status: 'True' });
    expect(get(found, 'Stalled')).toMatchObject({ status: 'False' });
  });
});

describe('a change that needs a restart', () => {
  const template = { ...TEMPLATE, terminationGracePeriodSeconds: 60 };
  const read = (spec = {}) => ({
    managedVM: managedVM(spec),
    virtualMachine: virtualMachine(
      { desiredGeneration: 2, observedGeneration: 1 },
      { template: { spec: template } },
      { generation: 2 },
    ),
  });
  it('MO-8: says, where there is none, that this is not about the inside of the guest', () => {
    expect(of('RestartPending')?.message).toBe(
      'The running VM has every setting of the VirtualMachine that was ordered. What a guest is given inside is told by Configured.',
    );
  });
  it('is named with the value now and then, and waits for the customer', () => {
    expect(of('RestartPending', read())).toMatchObject({ status: 'True', reason: 'RestartNeeded' });
    expect(of('RestartPending', read())?.message).toBe(
      '1 setting takes effect with a restart: spec.terminationGracePeriodSeconds 180 → 60. Restart the VM when it suits, or order it as ServiceRequest (spec.restartPolicy Manual).',
    );
    expect(assess(input(read())).status.pendingChanges).toEqual([
      { path: 'spec.terminationGracePeriodSeconds', running: '180', desired: '60' },
    ]);
    expect(of('Ready', read())).toMatchObject({ status: 'True' });
  });
  it('GE-4: waits for the customer where he has not agreed to the change that restarts it, and its status shows that', () => {
    const waiting = { what: 'Agreement', whom: ['Customer'], since: '2026-11-23T10:00:00Z' } as const;
    const restart: ChangeRequest = {
      ...changeOf({ operation: 'Restart', target: { kind: 'ManagedVM', name: 'shop-db', uid: UID }, window: {} }),
      status: { observedGeneration: 1, waitingFor: { ...waiting, whom: [...waiting.whom] } },
    };
    const facts = { ...read(), changeRequests: [restart] };
    expect(of('RestartPending', facts)).toMatchObject({ status: 'True', reason: 'WaitingForCustomer' });
    expect(of('RestartPending', facts)?.message).toBe(
      "1 setting takes effect with a restart: spec.terminationGracePeriodSeconds 180 → 60. ChangeRequest chg-1 waits for the customer's agreement since 2026-11-23T10:00:00Z (GE-4).",
    );
    expect(assess(input(facts)).status.waitingForCustomer).toEqual([
      { change: 'chg-1', what: 'Agreement', since: '2026-11-23T10:00:00Z' },
    ]);
    expect(of('RestartPending', { ...facts, ...read({ restartPolicy: 'Automatic' }) })?.reason).toBe('RestartNeeded');
    expect(of('RestartPending', { changeRequests: [restart] })?.reason).toBe('UpToDate');
  });
  it('with restartPolicy Automatic is under way', () => {
    expect(of('Ready', read({ restartPolicy: 'Automatic' }))).toMatchObject({ status: 'False', reason: 'Restarting' });
    expect(of('Reconciling', read({ restartPolicy: 'Automatic' }))).toMatchObject({ status: 'True' });
  });
});

describe('whatever was read', () => {
  const loose = fc.oneof(
    fc.anything(),
    fc.record({
      metadata: fc.record({ name: fc.constant('shop-db'), uid: fc.anything(), generation: fc.anything() }),
      spec: fc.anything(),
      status: fc.anything(),
    }),
    fc.record({
      metadata: fc.constant({
        name: 'shop-db',
        uid: 'u',
        labels: { 'managed.systems/owner-uid': managedVM().metadata.uid },
      }),
      spec: fc.record({ template: fc.record({ spec: fc.anything() }) }),
      status: fc.record({
        printableStatus: fc.constantFrom('Running', 'Migrating', 'Stopped', 'Starting', 'constructor', '__proto__', 3),
        phase: fc.constantFrom('Running', 'Pending', 'Succeeded', 'Bound', 'Unknown', 'toString'),
        desiredGeneration: fc.integer(),
        capacity: fc.anything(),
        conditions: fc.array(
          fc.oneof(
            fc.anything(),
            fc.record({
              type: fc.constantFrom(
                'Ready',
                'AgentConnected',
                'Synchronized',
                'Failure',
                'RestartRequired',
                'Bound',
                'Running',
                'valueOf',
              ),
              status: fc.constantFrom('True', 'False', 'Maybe'),
              reason: fc.string(),
              message: fc.string(),
            }),
          ),
          { maxLength: 4 },
        ),
      }),
    }),
  );
  const installed = fc.record({
    kubevirt: fc.boolean(),
    cdi: fc.boolean(),
    velero: fc.boolean(),
    prometheusOperator: fc.boolean(),
  });
  const order = fc
    .record({
      serviceLevel: fc.constantFrom('Admin', 'MonitoringAndPatching', 'AdvancedMonitoringAndPatching'),
      powerState: fc.constantFrom('Running', 'Stopped'),
      restartPolicy: fc.constantFrom('Manual', 'Automatic'),
    })
    .chain(spec => fc.constantFrom(spec, { ...spec, ...backups }));
  const said = fc.record({
    contact: fc.record({
      outcome: fc.constantFrom('Reached', 'Reached', 'HostKeyMismatch', 'NoAnswer', 'toString', '__proto__'),
      since: fc.constantFrom('2026-11-23T11:30:00Z', 'never'),
    }),
    instance: fc.constantFrom('vmi-uid', 'u', 'another'),
    compared: fc.constantFrom(2, 3, 3),
    differences: fc.constantFrom([], [], [{ setting: 'exporter', found: 'absent', since: '2026-11-23T11:30:00Z' }]),
  });
  const guest: fc.Arbitrary<GuestFacts> = fc.record({
    record: fc
      .oneof(said, fc.anything())
      .map(status => recordOf({ spec: { managedVM: managedVM().metadata.uid }, status }, managedVM().metadata.uid)),
    shard: fc.constantFrom<ShardStanding>('held', 'held', 'lost', 'undecided'),
    rights: fc.constantFrom<GuestFacts['rights']>(
      undefined,
      { why: 'no' },
      { grants: { inNamespace: [], inCluster: [] }, customer: { namespaces: ['acme'], users: [] } },
    ),
    applications: fc.constantFrom<GuestFacts['applications']>(
      [],
      [],
      [{ name: 'shop-orders', uid: 'u', revision: 'sha256:1' }],
      undefined,
    ),
    unreadable: fc.constant([]),
  });
  const arbitrary: fc.Arbitrary<AssessInput> = fc
    .record({
      order,
      installed,
      vm: loose,
      vmi: loose,
      dv: loose,
      pvc: loose,
      known: fc.boolean(),
      keysPresent: fc.boolean(),
      proof: fc.constantFrom(WATCHED, UNSCRAPED, UNDECIDED, SILENT, undefined),
      guest,
      applied: fc.boolean(),
      error: fc.record({
        status: fc.constantFrom(0, 403, 404, 409, 422, 429, 500),
        reason: fc.string(),
        message: fc.string(),
      }),
    })
    .map(({ order: spec, vm, vmi, dv, pvc, known, proof, applied, error, ...rest }) => {
      const ordered = managedVM(spec);
      const facts = factsOf({
        managedVM: ordered,
        operatingSystem: known ? operatingSystem() : undefined,
        virtualMachine: vm,
        virtualMachineInstance: vmi,
        dataVolumes: { root: dv },
        claims: { root: pvc },
        prometheusWatch: proof,
        ...rest,
      });
      return {
        managedVM: ordered,
        facts,
        outcomes: applied ? ALL_APPLIED : [outcome('Secret', 'failed', error)],
        now: NOW,
      };
    });

  it('is assessed, always the same, within the bounds of the schema, with every condition', () => {
    fc.assert(
      fc.property(arbitrary, facts => {
        const found = assess(facts);
        expect(assess(facts)).toEqual(found);
        expect(ManagedVMStatus.omit({ conditions: true }).safeParse(found.status).error).toBeUndefined();
        expect(found.conditions.map(({ type }) => type)).toEqual(Object.keys(CONDITIONS));
        for (const { message, reason, type } of found.conditions) {
          expect(message.length).toBeLessThanOrEqual(MESSAGE_LIMIT);
          expect(message).not.toBe('');
          const known = carries(type, reason) || (BORROWS.has(type) && carries('Ready', reason));
          expect({ type, reason, known }).toMatchObject({ known: true });
        }
      }),
      { numRuns: 300 },
    );
  });

  it('nothing reads True without what proves it', () => {
    fc.assert(
      fc.property(arbitrary, facts => {
        const { managedVM: ordered } = facts;
        const { machine, monitoring } = facts.facts;
        const { virtualMachine: vm, virtualMachineInstance: vmi } = machine;
        const found = assess(facts);
        const says = (type: ConditionType): boolean => get(found, type)?.status === 'True';
        const proven = (type: string): boolean =>
          vmi?.conditions.some(c => c.type === type && c.status === 'True') === true;
        const seen = proven('AgentConnected') || monitoring.prometheusWatch === WATCHED;
        if (says('Available')) expect(vmi?.phase === 'Running' && seen).toBe(true);
        if (says('AgentConnected')) expect(vmi?.phase === 'Running' && proven('AgentConnected')).toBe(true);
        if (says('Monitored')) expect(monitoring.prometheusWatch === WATCHED && monitoring.installed).toBe(true);
        if (says('Provisioned')) expect(vm?.uid).toBeDefined();
        if (says('Supported')) expect(machine.operatingSystem).toBeDefined();
        if (says('Ready') && ordered.spec.powerState === 'Running') expect(says('AgentConnected')).toBe(true);
        if (says('Ready')) expect(machine.installed.kubevirt && vm !== undefined).toBe(true);
        if (says('SLACompliant')) expect(says('Supported') && says('Provisioned')).toBe(true);
        const { record, shard } = facts.facts.guest;
        const looked = record?.state === 'read' ? record.status : undefined;
        const inside = looked?.contact?.outcome === 'Reached' && looked.instance === vmi?.uid && shard !== 'lost';
        if (says('GuestReachable')) expect(inside && vmi?.phase === 'Running').toBe(true);
        const kept = looked?.compared === ordered.metadata.generation && !looked?.differences?.length;
        if (says('Configured')) expect(says('GuestReachable') && kept).toBe(true);
        expect(says('Ready') && (says('Stalled') || says('Reconciling'))).toBe(false);
        expect(says('Ready') || says('Stalled') !== says('Reconciling')).toBe(true);
        for (const type of ['PatchCompliant', 'BackupCompliant', 'RestoreVerified', 'EventsMonitored'] as const)
          expect(says(type)).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  it('with every upstream missing nothing but Supported, Stalled and what is said of incidents is True', () => {
    fc.assert(
      fc.property(order, spec => {
        const ordered = managedVM(spec);
        const found = assess(
          input(
            {
              managedVM: ordered,
              virtualMachine: undefined,
              virtualMachineInstance: undefined,
              dataVolumes: {},
              claims: {},
              installed: NOTHING_INSTALLED,
              keysPresent: false,
              prometheusWatch: undefined,
            },
            { outcomes: [] },
          ),
        );
        const said = found.conditions.filter(({ type, status }) => type !== 'IncidentsInTime' && status === 'True');
        expect(said.map(({ type }) => type)).toEqual(['Stalled', 'Supported']);
        expect(get(found, 'Ready')).toMatchObject({ reason: 'KubeVirtNotInstalled' });
      }),
    );
  });
});
