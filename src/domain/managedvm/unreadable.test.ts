import { describe, expect, it } from 'vitest';
import { backedUpVM, backupPolicyOf, bounds } from '../backup/backup.fixtures.ts';
import { orderProblem } from '../machine/order.ts';
import { restartDue } from '../machine/restartdiff.ts';
import { assess } from '../managedvm/assess.ts';
import {
  ALL_APPLIED,
  input,
  instance,
  instanceSpec,
  managedVM,
  NOW,
  outcome,
  TEMPLATE,
} from '../managedvm/assessment.fixtures.ts';
import { assessBackupPolicy } from '../policies/policystatus.ts';
import type { ConditionType } from './conditions.ts';

const why =
  'datavolumes.cdi.kubevirt.io is forbidden: User "steward" cannot list resource "datavolumes" in namespace "acme"';
const ordered = (spec = {}) => managedVM({ backupPolicyRef: { name: 'daily' }, ...spec });
const unreadable = (kind: string, namespace = 'acme') => [{ kind, namespace, why }];
const assessed = (kind: string, namespace = 'acme', order = ordered()) =>
  assess(input({ managedVM: order, unreadable: unreadable(kind, namespace) }));
const of = ({ conditions }: ReturnType<typeof assess>, type: ConditionType) =>
  conditions.find(condition => condition.type === type);

describe('a kind that the API server refuses to show (MO-1)', () => {
  it.each([
    'OperatingSystem',
    'Secret',
    'VirtualMachine',
    'VirtualMachineInstance',
    'DataVolume',
    'PersistentVolumeClaim',
  ])('as %s is no reason to believe that something is missing: nothing is written, and nothing claimed', kind => {
    const { facts, managedVM: order } = input({ managedVM: ordered(), unreadable: unreadable(kind) });
    expect(orderProblem(order, facts.machine)).toMatchObject({ standing: 'failed', reason: 'KindNotReadable' });
    const said = assessed(kind);
    expect(said.conditions.filter(({ status }) => status === 'True').map(({ type }) => type)).toEqual(
      kind === 'OperatingSystem' ? ['Stalled', 'IncidentsInTime'] : ['Stalled', 'Supported', 'IncidentsInTime'],
    );
    for (const type of ['Ready', 'Provisioned', 'Available', 'AgentConnected', 'Monitored', 'RestartPending'] as const)
      expect(of(said, type)).toMatchObject({ status: 'Unknown', reason: 'KindNotReadable' });
    expect(of(said, 'SLACompliant')).toMatchObject({ status: 'Unknown' });
  });

  it('is told in the words of the API server', () => {
    expect(of(assessed('DataVolume'), 'Ready')?.message).toBe(
      `What there is of the kind DataVolume in namespace acme cannot be read: ${why}.`,
    );
  });

  it('leaves the last known state of the machine in the status, but for what it is doing', () => {
    const status = {
      node: 'node-1',
      disks: [{ name: 'root', claim: 'shop-db-root', phase: 'Filled' }],
      state: 'Running',
    };
    const { status: said } = assessed('DataVolume', 'acme', { ...ordered(), status });
    expect(said).toEqual({ ...status, state: 'Unknown', observedGeneration: 3 });
  });

  it('restarts no guest, whatever a copy from before says', () => {
    const order = ordered({ restartPolicy: 'Automatic' });
    const template = { ...TEMPLATE, terminationGracePeriodSeconds: 60 };
    const due = (kinds: Parameters<typeof input>[0]) => {
      const { machine } = input({
        managedVM: order,
        virtualMachineInstance: instance({}, instanceSpec(template)),
        ...kinds,
      }).facts;
      return restartDue(order, { ...machine, ...wantingRestart(machine) });
    };
    expect([due({}), due({ unreadable: unreadable('VirtualMachineInstance') })]).toEqual(['vmi-uid', undefined]);
  });

  it('for the backups leaves everything else as it is', () => {
    const said = assessed('Backup', 'velero');
    expect(of(said, 'BackupCompliant')).toMatchObject({ status: 'Unknown', reason: 'KindNotReadable' });
    for (const type of ['Provisioned', 'Available', 'AgentConnected'] as const)
      expect(of(said, type)).toMatchObject({ status: 'True' });
    const withoutBackups = assess(input({ managedVM: managedVM(), unreadable: unreadable('Schedule', 'velero') }));
    expect(of(withoutBackups, 'BackupCompliant')).toMatchObject({ reason: 'NotIncluded' });
  });

  it('of a child that was to be applied is what its outcome says', () => {
    const error = { status: 403, reason: 'KindNotReadable', message: why };
    const outcomes = [...ALL_APPLIED.slice(0, -1), outcome('ServiceMonitor', 'failed', error)];
    expect(of(assess(input({}, { outcomes })), 'Ready')).toMatchObject({
      ...{ status: 'Unknown', reason: 'KindNotReadable' },
      message: `What there is of the kind ServiceMonitor in namespace acme cannot be read: ${why}.`,
    });
  });

  it('says of a BackupPolicy neither that it is in force nor that Velero is missing (AP-13)', () => {
    const { conditions } = assessBackupPolicy({
      ...{ policy: backupPolicyOf(), members: [backedUpVM()], bounds, permitted: ['default'] },
      ...{ veleroAvailable: true, storageLocation: undefined, now: NOW },
      unreadable: { kind: 'BackupStorageLocation', namespace: 'velero', why },
    });
    expect(conditions.map(({ type, status, reason }) => `${type} ${status} ${reason}`)).toEqual([
      'Ready Unknown KindNotReadable',
      'Stalled True KindNotReadable',
      'Feasible Unknown KindNotReadable',
      'BackupCompliant Unknown KindNotReadable',
      'StorageAvailable Unknown KindNotReadable',
      'RPOMet Unknown KindNotReadable',
      'RestoreVerified Unknown KindNotReadable',
      'RTOMet Unknown KindNotReadable',
      'RetentionMet Unknown KindNotReadable',
      'ConsistencyMet Unknown KindNotReadable',
    ]);
  });
});

/** A guest that lacks a setting, with KubeVirt having seen it. */
function wantingRestart({ virtualMachine }: ReturnType<typeof input>['facts']['machine']) {
  return { virtualMachine: virtualMachine && { ...virtualMachine, generation: 2, desiredGeneration: 2 } };
}
