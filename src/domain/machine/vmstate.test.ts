import { describe, expect, it } from 'vitest';
import { condition, instance, virtualMachine } from '../managedvm/assessment.fixtures.ts';
import { readVirtualMachine, readVirtualMachineInstance } from './observedvm.ts';
import { type MachineFacts, type MachineState, machineState } from './vmstate.ts';

function state(vm: unknown, vmi?: unknown, given: Partial<MachineFacts> = {}): MachineState {
  return machineState({
    virtualMachine: readVirtualMachine(vm),
    virtualMachineInstance: readVirtualMachineInstance(vmi),
    ...{ powerState: 'Running', ...given },
  });
}

describe('every printableStatus of a VM that shall run', () => {
  it.each([
    ['Stopped', 'Starting', 'waiting', 'Starting'],
    ['Provisioning', 'Importing', 'waiting', 'Importing'],
    ['Starting', 'Starting', 'waiting', 'Starting'],
    ['Paused', 'Paused', 'failed', 'Paused'],
    ['Stopping', 'Stopping', 'waiting', 'Stopping'],
    ['Terminating', 'Terminating', 'waiting', 'Terminating'],
    ['CrashLoopBackOff', 'CrashLoop', 'failed', 'CrashLoop'],
    ['ErrorUnschedulable', 'Unschedulable', 'failed', 'Unschedulable'],
    ['ErrImagePull', 'ImagePullFailed', 'failed', 'ImagePullFailed'],
    ['ImagePullBackOff', 'ImagePullFailed', 'failed', 'ImagePullFailed'],
    ['ErrorPvcNotFound', 'DiskMissing', 'failed', 'DiskMissing'],
    ['DataVolumeError', 'ImportFailed', 'failed', 'ImportFailed'],
    ['WaitingForVolumeBinding', 'Starting', 'waiting', 'WaitingForVolumeBinding'],
    ['WaitingForReceiver', 'WaitingForReceiver', 'waiting', 'WaitingForReceiver'],
    ['Unknown', 'Unknown', 'waiting', 'StateUnknown'],
    ['toString', 'Unknown', 'waiting', 'StateUnknown'],
  ])('%s reads %s', (printableStatus, shown, standing, reason) => {
    expect(state(virtualMachine({ printableStatus }))).toMatchObject({ state: shown, standing, reason });
  });
  it.each(['Running', 'Migrating'])('%s with a running guest is as ordered', printableStatus => {
    expect(state(virtualMachine({ printableStatus }), instance())).toMatchObject({
      state: printableStatus,
      standing: 'ok',
      reason: 'Running',
    });
  });
  it.each(['Running', 'Migrating'])('%s without a running guest is not believed', printableStatus => {
    expect(state(virtualMachine({ printableStatus }), instance({ phase: 'Scheduled' })).standing).toBe('waiting');
    expect(state(virtualMachine({ printableStatus })).standing).toBe('waiting');
  });
});

describe('GE-8: a machine that is turned back to the snapshot before a patch', () => {
  const turningBack = { run: 'a-nightly-2026-11-24', isOff: true, claims: new Map() };

  it.each([
    ['shuts down for it', 'Stopping', instance()],
    ['is off', 'Stopped', undefined],
  ])('says which PatchRun does it while it %s', (_, printableStatus, vmi) => {
    expect(state(virtualMachine({ printableStatus }), vmi, { turningBack })).toMatchObject({
      ...{ state: 'RollingBack', standing: 'waiting', reason: 'RollingBack' },
      message:
        'PatchRun a-nightly-2026-11-24 turns VirtualMachine shop-db back to the snapshot that it took before it patched; it is off until then and starts by itself.',
    });
  });

  it('is one like any other as soon as it may start again, or is off by its order', () => {
    const off = virtualMachine({ printableStatus: 'Stopped' });
    expect(state(off, undefined, { turningBack: { ...turningBack, isOff: false } }).reason).toBe('Starting');
    expect(state(off, undefined, { turningBack, powerState: 'Stopped' }).reason).not.toBe('RollingBack');
  });
});

describe('MO-5: a paused guest', () => {
  const paused = (reason: string, message: string) => {
    const conditions = [condition('Paused', 'True', reason, message), condition('Ready', 'False')];
    return state(virtualMachine({ printableStatus: 'Paused', conditions }), instance({ conditions }));
  };

  it('after an IO error tells the cause, and that unpausing alone helps nothing', () => {
    expect(paused('PausedIOError', 'VMI was paused, low-level IO error detected')).toMatchObject({
      state: 'Paused',
      standing: 'failed',
      reason: 'PausedIOError',
      message:
        'The guest of VirtualMachine shop-db is paused, because one of its disks could not be read or written: VMI was paused, low-level IO error detected. Unpaused before its storage is well, it pauses again.',
    });
  });
  it('for the end of its migration goes on by itself', () => {
    expect(paused('PausedByMigrationMonitor', 'VMI was paused by the migration monitor')).toMatchObject({
      standing: 'waiting',
      reason: 'PausedByMigration',
    });
  });
  it('by a person says so', () => {
    expect(paused('PausedByUser', 'VMI was paused by user')).toMatchObject({
      standing: 'failed',
      reason: 'Paused',
      message: 'The guest of VirtualMachine shop-db is paused: VMI was paused by user.',
    });
  });
});

describe('every phase of an instance that is not up', () => {
  it.each([
    ['Pending', 'Pod is being created'],
    ['Scheduling', 'placed on a node'],
    ['Scheduled', 'guest is being started'],
    ['Succeeded', 'shut down'],
    ['WaitingForSync', 'migrates to it'],
  ])('%s is told', (phase, words) => {
    const found = state(virtualMachine({ printableStatus: 'Starting' }), instance({ phase, conditions: [] }));
    expect(found).toMatchObject({ standing: 'waiting', reason: 'Starting' });
    expect(found.message).toContain(words);
  });
  it('Failed is a failure that KubeVirt repairs', () => {
    expect(
      state(virtualMachine({ printableStatus: 'Stopped' }), instance({ phase: 'Failed', conditions: [] })).reason,
    ).toBe('GuestFailed');
  });
  it('Unknown names the node that does not report', () => {
    const found = state(virtualMachine({ printableStatus: 'Unknown' }), instance({ phase: 'Unknown' }));
    expect(found).toMatchObject({ standing: 'failed', reason: 'GuestLost' });
    expect(found.message).toContain('node-1');
  });
});

describe('a guest that cannot start', () => {
  const quota =
    'pods "virt-launcher-shop-db-abcde" is forbidden: exceeded quota: compute, requested: pods=1, used: pods=3, limited: pods=3';
  it.each([
    ['a quota', 'FailedCreate', quota, 'QuotaExceeded', 'failed'],
    ['pod security', 'FailedCreate', 'violates PodSecurity "restricted"', 'LaunchRefused', 'failed'],
    ['a missing claim', 'FailedPvcNotFound', 'PVC acme/x not found', 'DiskMissing', 'failed'],
    ['an image', 'ErrImagePull', 'not found', 'ImagePullFailed', 'failed'],
    ['state storage that comes', 'BackendStorageNotReady', 'PVC pending', 'Starting', 'waiting'],
    ['state storage that is refused', 'FailedBackendStorageCreate', 'no class', 'LaunchRefused', 'failed'],
  ])('because of %s says so although KubeVirt shows Starting', (_, reason, message, expected, standing) => {
    const vmi = instance({ phase: 'Pending', conditions: [condition('Synchronized', 'False', reason, message)] });
    const found = state(virtualMachine({ printableStatus: 'Starting' }), vmi);
    expect(found).toMatchObject({ reason: expected, standing });
    expect(found.message).not.toContain('virt-launcher');
  });
  it('because the instance is refused says so (Failure on the VM)', () => {
    const found = state(
      virtualMachine({
        printableStatus: 'Stopped',
        conditions: [condition('Failure', 'True', 'FailedCreate', 'admission webhook denied')],
      }),
    );
    expect(found).toMatchObject({ reason: 'LaunchRefused' });
    expect(found.message).toContain('admission webhook denied');
  });
  it('because no node has room says what the scheduler says', () => {
    const vmi = instance({
      phase: 'Scheduling',
      conditions: [
        condition('PodScheduled', 'False', 'Unschedulable', '0/3 nodes are available: 3 Insufficient memory.'),
      ],
    });
    expect(state(virtualMachine({ printableStatus: 'ErrorUnschedulable' }), vmi).message).toContain(
      '3 Insufficient memory',
    );
  });
  it('because of a volume migration says that somebody must act', () => {
    const vm = virtualMachine({ conditions: [condition('ManualRecoveryRequired', 'True', '', 'volumes differ')] });
    expect(state(vm, instance())).toMatchObject({ standing: 'failed', reason: 'ManualRecoveryRequired' });
  });
});

describe('a VM that shall be off', () => {
  it('is as ordered when no guest is left', () => {
    expect(state(virtualMachine({ printableStatus: 'Stopped' }), undefined, { powerState: 'Stopped' })).toMatchObject({
      state: 'Stopped',
      standing: 'ok',
    });
  });
  it('that KubeVirt never looked at also shows Stopped, and is not believed', () => {
    const vm = virtualMachine({ printableStatus: 'Stopped', conditions: [] });
    expect(state(vm, undefined, { powerState: 'Stopped' })).toMatchObject({
      standing: 'waiting',
      reason: 'SpecNotObserved',
    });
  });
  it('is stopping while a guest runs', () => {
    expect(state(virtualMachine(), instance(), { powerState: 'Stopped' })).toMatchObject({
      state: 'Stopping',
      standing: 'waiting',
    });
  });
});

describe('a running guest', () => {
  it('that refuses a change is not as ordered', () => {
    const vm = virtualMachine({ conditions: [condition('Failure', 'True', 'HotPlugCPUError', 'not while migrating')] });
    expect(state(vm, instance())).toMatchObject({ state: 'Running', standing: 'waiting', reason: 'ChangeNotApplied' });
  });
  it('that is being stopped is not as ordered', () => {
    expect(state(virtualMachine(), instance({}, {}, { deletionTimestamp: '2026-11-23T11:59:00Z' }))).toMatchObject({
      standing: 'waiting',
      reason: 'Stopping',
    });
  });
  it.each([
    ['LiveMigratable', 'False', 'DisksNotLiveMigratable (no shared storage)', 'cannot move'],
    ['StorageLiveMigratable', 'False', '', 'storage cannot be moved'],
    ['AccessCredentialsSynchronized', 'False', '', 'SSH keys'],
    ['HotVCPUChange', 'True', '', 'CPUs'],
    ['HotMemoryChange', 'True', '', 'Memory'],
    ['VolumesChange', 'True', '', 'volumes'],
    ['MigrationRequired', 'True', '', 'must move'],
    ['EvictionRequested', 'True', '', 'drained'],
    ['DecentralizedLiveMigrationFailure', 'True', '', 'another cluster'],
    ['SoftwareEmulation', 'True', '', 'emulation'],
    ['migrationRejectedByResourceQuota', 'True', '', 'quota'],
    ['migrationBlockedByBackup', 'True', '', 'backup'],
    ['migrationBlockedByUtilityVolumes', 'True', '', 'utility volume'],
    ['migrationAbortRequested', 'True', '', 'cancelled'],
  ])('with %s=%s says so and is still as ordered', (type, status, message, words) => {
    const found = state(virtualMachine(), instance({ conditions: [condition(type, status, 'Because', message)] }));
    expect(found.standing).toBe('ok');
    expect(found.notes.join(' ')).toContain(words);
    expect(
      state(virtualMachine(), instance({ conditions: [condition(type, status === 'True' ? 'False' : 'True')] })).notes,
    ).toEqual([]);
  });
  it('whose last migration failed says why', () => {
    const vmi = instance({
      conditions: [],
      migrationState: { failed: true, failureReason: 'target ran out of memory' },
    });
    expect(state(virtualMachine(), vmi).notes.join(' ')).toContain('target ran out of memory');
  });
});
