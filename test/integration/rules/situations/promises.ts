/** Alerts on promises, on the provider's own objects and on Steward itself. */
import { constant, type Situation, SPAN, series } from './world.ts';

export const promiseSituations: readonly Situation[] = [
  ...promise('ManagedVMDiskLost', 1, ['Provisioned', 'False', 'DiskLost'], [['Provisioned', 'Unknown', 'DiskPending']]),
  ...promise(
    'ManagedVMGuestFrozen',
    1,
    ['Available', 'False', 'GuestFrozen'],
    [['Available', 'False', 'GuestNotSeen']],
  ),
  ...promise('ManagedVMKeysLost', 1, ['Ready', 'False', 'KeysLost'], [['Ready', 'False', 'KeysPending']]),
  ...promise(
    'ManagedVMBackupOverdue',
    15,
    ['BackupCompliant', 'False', 'RecoveryPointTooOld'],
    [
      ['BackupCompliant', 'Unknown', 'NoBackupYet'],
      ['BackupCompliant', 'False', 'PolicyNotFound'],
    ],
  ),
  ...promise(
    'ManagedVMStalled',
    15,
    ['Stalled', 'True', 'ImportFailed'],
    [
      ['Stalled', 'True', 'OperatingSystemNotFound'],
      ['Stalled', 'True', 'ServiceLevelNotOffered'],
      ['Stalled', 'True', 'DeletionBlocked'],
      ['Stalled', 'True', 'DiskLost'],
      ['Reconciling', 'True', 'Importing'],
    ],
  ),
  ...promise(
    'ManagedVMDeletionStuck',
    5,
    ['Stalled', 'True', 'DeletionBlocked'],
    [['Reconciling', 'True', 'Deleting']],
  ),
  ...promise(
    'ManagedVMUnsupported',
    60,
    ['Supported', 'False', 'SupportEnded'],
    [['Supported', 'True', 'SupportEndsSoon']],
  ),
  ...promise(
    'ManagedVMNotMonitored',
    15,
    ['Monitored', 'False', 'RulesNotEvaluated'],
    [
      ['Monitored', 'False', 'GuestNotScraped'],
      ['Monitored', 'Unknown', 'PrometheusSilent'],
    ],
  ),
  ...promise(
    'ManagedVMHostKeyMismatch',
    1,
    ['GuestReachable', 'False', 'HostKeyMismatch'],
    [['GuestReachable', 'False', 'NoAnswer']],
  ),
  ...promise(
    'ManagedVMGuestNotReachable',
    30,
    ['GuestReachable', 'False', 'NoAnswer'],
    [
      ['GuestReachable', 'False', 'HostKeyMismatch'],
      ['GuestReachable', 'Unknown', 'WorkerLost'],
    ],
  ),
  ...promise(
    'ManagedVMNotConfigured',
    60,
    ['Configured', 'False', 'SettingsDiffer'],
    [
      ['Configured', 'False', 'FirstBootOutdated'],
      ['Configured', 'Unknown', 'Pending'],
    ],
  ),
  ...promise(
    'ManagedVMPatchesOverdue',
    60,
    ['PatchCompliant', 'False', 'UpdatesOverdue'],
    [
      ['PatchCompliant', 'False', 'WaitingForCustomer'],
      ['PatchCompliant', 'Unknown', 'ScanOutdated'],
    ],
  ),
  {
    name: 'MO-14: a PatchRun that failed',
    alert: 'ManagedVMPatchRunFailed',
    world: { [series.patch('last_run', 'phase="Failed"')]: constant(1) },
    minute: 5,
    fires: [{}],
  },
  {
    name: 'a PatchRun that failed in a VM without monitoring',
    alert: 'ManagedVMPatchRunFailed',
    world: {
      [series.info]: undefined,
      [series.infoOfStandby]: undefined,
      [series.patch('last_run', 'phase="Unknown"')]: constant(1),
    },
    minute: 5,
    fires: [{ service_level: '', os_family: '' }],
  },
  {
    name: 'a PatchRun that succeeded, also where the guest waits for its reboot',
    alert: 'ManagedVMPatchRunFailed',
    world: { [series.patch('last_run', 'phase="SucceededRebootPending"')]: constant(1) },
    minute: 60,
    fires: [],
  },
  {
    name: 'MO-4: a window that closed without a PatchRun',
    alert: 'ManagedVMPatchWindowMissed',
    world: { [series.patch('window_missed')]: constant(1) },
    minute: 15,
    fires: [{}],
  },
  {
    name: 'a window that was worked in',
    alert: 'ManagedVMPatchWindowMissed',
    world: { [series.patch('window_missed')]: constant(0) },
    minute: 60,
    fires: [],
  },
  {
    name: 'MO-11: a ring that is halted, told by two replicas',
    alert: 'PatchPolicyHalted',
    world: {
      [series.ringHalted('steward-0')]: constant(1),
      [series.ringHalted('steward-1')]: constant(1),
    },
    minute: 5,
    fires: [{ kind: 'ClusterPatchPolicy', name: 'standard', ring: 'canary' }],
  },
  {
    name: 'a ring that was resumed',
    alert: 'PatchPolicyHalted',
    world: { [series.ringHalted('steward-0')]: `1x10 0x${SPAN}` },
    minute: 30,
    fires: [],
  },
  {
    name: 'another host key at a level without monitoring',
    alert: 'ManagedVMHostKeyMismatch',
    world: {
      [series.info]: undefined,
      [series.infoOfStandby]: undefined,
      [series.condition('GuestReachable', 'False', 'HostKeyMismatch')]: constant(1),
    },
    minute: 1,
    fires: [{ service_level: '', os_family: '' }],
  },
  ...(['ManagedVMGuestNotReachable', 'ManagedVMNotConfigured'] as const).map(alert => ({
    name: 'a guest at a level without monitoring, where it is shown and promised to nobody',
    alert,
    world: {
      [series.info]: undefined,
      [series.infoOfStandby]: undefined,
      [series.condition('GuestReachable', 'False', 'NoAnswer')]: constant(1),
      [series.condition('Configured', 'False', 'SettingsDiffer')]: constant(1),
    },
    minute: 90,
    fires: [],
  })),
  {
    name: 'guests whose worker is lost, told by two replicas',
    alert: 'StewardGuestWorkerLost',
    world: {
      [series.condition('GuestReachable', 'Unknown', 'WorkerLost')]: constant(1),
      [series.condition('GuestReachable', 'Unknown', 'WorkerLost').replace('steward-0', 'steward-1')]: constant(1),
      [series.condition('GuestReachable', 'Unknown', 'WorkerLost', 'ManagedVM', 'shop-web')]: constant(1),
    },
    minute: 5,
    fires: [{}],
  },
  {
    name: 'a guest that nothing looks into',
    alert: 'StewardGuestWorkerLost',
    world: { [series.condition('GuestReachable', 'Unknown', 'NotLookedInto')]: constant(1) },
    minute: 60,
    fires: [],
  },
  {
    name: 'records that nobody can write before a person has acted',
    alert: 'StewardRecordsStopped',
    world: {
      'steward_records_stopped{job="steward-record-metrics",pod="a",reason="KeyLost"}': constant(1),
      'steward_records_stopped{job="steward-record-metrics",pod="a",reason="StreamBroken"}': constant(0),
    },
    minute: 5,
    fires: [{}],
  },
  {
    name: 'records that are written',
    alert: 'StewardRecordsStopped',
    world: { 'steward_records_stopped{job="steward-record-metrics",pod="a",reason="KeyLost"}': constant(0) },
    minute: 60,
    fires: [],
  },
  {
    name: 'records whose export does not take them',
    alert: 'StewardRecordsNotExported',
    world: { 'steward_records_not_exported{job="steward-record-metrics",pod="a"}': constant(12) },
    minute: 60,
    fires: [{}],
  },
  {
    name: 'records that wait for their export for moments only',
    alert: 'StewardRecordsNotExported',
    world: { 'steward_records_not_exported{job="steward-record-metrics",pod="a"}': `0 5 ${constant(0)}` },
    minute: 60,
    fires: [],
  },
  {
    name: 'MO-11: a canary that has no VM, so that nothing is proven',
    alert: 'PatchRingEmpty',
    world: { [series.condition('Proving', 'False', 'RingEmpty', 'ClusterPatchPolicy', 'standard')]: constant(1) },
    minute: 60,
    fires: [{ name: 'standard' }],
  },
  {
    name: 'a halted ring, which has an alert of its own',
    alert: 'PatchRingEmpty',
    world: { [series.condition('Proving', 'False', 'RingHalted', 'ClusterPatchPolicy', 'standard')]: constant(1) },
    minute: 90,
    fires: [],
  },
  {
    name: 'MO-3: a standard of patching none of whose windows opens any more',
    alert: 'ClusterPatchPolicyNotInForce',
    world: { [series.condition('Ready', 'False', 'NoWindowLeft', 'ClusterPatchPolicy', 'standard')]: constant(1) },
    minute: 15,
    fires: [{ name: 'standard' }],
  },
  {
    name: 'a standard of patching that a ring has halted, which has an alert of its own',
    alert: 'ClusterPatchPolicyNotInForce',
    world: { [series.condition('Ready', 'False', 'RingHalted', 'ClusterPatchPolicy', 'standard')]: constant(1) },
    minute: 60,
    fires: [],
  },
  {
    name: 'a promise without an alert of its own that is broken',
    alert: 'ManagedVMPromiseBroken',
    world: { [series.condition('EventsMonitored', 'False', 'EventsNotCollected')]: constant(1) },
    minute: 60,
    fires: [{ type: 'EventsMonitored' }],
  },
  {
    name: 'a promise that has an alert of its own',
    alert: 'ManagedVMPromiseBroken',
    world: { [series.condition('BackupCompliant', 'False', 'RecoveryPointTooOld')]: constant(1) },
    minute: 90,
    fires: [],
  },
  {
    name: 'AP-6: a backup that was ordered at a level without monitoring',
    alert: 'ManagedVMBackupOverdue',
    world: {
      [series.info]: undefined,
      [series.infoOfStandby]: undefined,
      [series.condition('BackupCompliant', 'False', 'RecoveryPointTooOld')]: constant(1),
    },
    minute: 15,
    fires: [{ service_level: '', os_family: '' }],
  },
  {
    name: 'a reason that changes while the promise stays broken',
    alert: 'ManagedVMBackupOverdue',
    world: {
      [series.condition('BackupCompliant', 'False', 'RecoveryPointTooOld')]: `1x9 _x${SPAN}`,
      [series.condition('BackupCompliant', 'False', 'StorageLocationUnavailable')]: `_x9 1x${SPAN}`,
    },
    minute: 15,
    fires: [{}],
  },
  {
    name: 'two replicas that both tell of the VM during a change of leader',
    alert: 'ManagedVMUnsupported',
    world: {
      [series.condition('Supported', 'False', 'SupportEnded')]: constant(1),
      [series.condition('Supported', 'False', 'SupportEnded').replace('steward-0', 'steward-1')]: constant(1),
    },
    minute: 60,
    fires: [{}],
  },
  {
    name: 'a policy whose storage cannot be reached',
    alert: 'BackupPolicyNotInForce',
    world: { [series.condition('Ready', 'False', 'StorageLocationUnavailable', 'BackupPolicy', 'daily')]: constant(1) },
    minute: 30,
    fires: [{ kind: 'BackupPolicy', namespace: 'acme', name: 'daily' }],
  },
  {
    name: 'a policy of the provider whose storage cannot be reached (AP-6)',
    alert: 'BackupPolicyNotInForce',
    world: {
      [series.condition('Ready', 'False', 'StorageLocationUnavailable', 'ClusterBackupPolicy', 'standard')]:
        constant(1),
    },
    minute: 30,
    fires: [{ kind: 'ClusterBackupPolicy', name: 'standard' }],
  },
  {
    name: 'a policy whose schedule its writer has to correct',
    alert: 'BackupPolicyNotInForce',
    world: { [series.condition('Ready', 'False', 'InvalidSchedule', 'BackupPolicy', 'daily')]: constant(1) },
    minute: 60,
    fires: [],
  },
  {
    name: 'a policy that is not in force for less than 30 minutes',
    alert: 'BackupPolicyNotInForce',
    world: { [series.condition('Ready', 'False', 'StorageLocationUnavailable', 'BackupPolicy', 'daily')]: constant(1) },
    minute: 29,
    fires: [],
  },
  {
    name: 'an entry of the catalogue whose end of support is no date',
    alert: 'OperatingSystemNotReady',
    world: { [series.condition('Ready', 'False', 'InvalidLifeCycle', 'OperatingSystem', 'debian-13')]: constant(1) },
    minute: 15,
    fires: [{ name: 'debian-13' }],
  },
  {
    name: 'a VM with that system, which is not the entry',
    alert: 'OperatingSystemNotReady',
    world: { [series.condition('Ready', 'False', 'Importing')]: constant(1) },
    minute: 60,
    fires: [],
  },
  {
    name: 'GE-1: a Contract whose plan was made anew with other numbers',
    alert: 'ContractNotInForce',
    world: { [series.condition('Ready', 'False', 'PlanChanged', 'Contract', 'acme')]: constant(1) },
    minute: 15,
    fires: [{ kind: 'Contract', name: 'acme' }],
  },
  {
    name: 'GE-5: a ServicePlan without its calendar',
    alert: 'ContractNotInForce',
    world: { [series.condition('Ready', 'False', 'CalendarNotFound', 'ServicePlan', 'advanced-2026')]: constant(1) },
    minute: 15,
    fires: [{ kind: 'ServicePlan', name: 'advanced-2026' }],
  },
  {
    name: 'a VM without a contract, which works all the same',
    alert: 'ContractNotInForce',
    world: { [series.condition('Contracted', 'False', 'NoContract')]: constant(1) },
    minute: 60,
    fires: [],
  },
  {
    name: 'GE-6: an Emergency change that nobody agreed to in time',
    alert: 'AgreementOverdue',
    world: { [series.condition('Agreed', 'False', 'AgreementOverdue', 'ChangeRequest', 'hotfix')]: constant(1) },
    minute: 5,
    fires: [{ namespace: 'acme', name: 'hotfix' }],
  },
  {
    name: 'an Emergency change that may still be agreed to',
    alert: 'AgreementOverdue',
    world: { [series.condition('Agreed', 'False', 'AwaitingAgreement', 'ChangeRequest', 'hotfix')]: constant(1) },
    minute: 60,
    fires: [],
  },
  {
    name: 'no replica at all',
    alert: 'StewardAbsent',
    world: { [series.leading]: undefined, [series.standby]: undefined },
    minute: 10,
    fires: [{}],
  },
  {
    name: 'replicas of which none leads',
    alert: 'StewardAbsent',
    world: { [series.leading]: constant(0) },
    minute: 10,
    fires: [{}],
  },
  {
    name: 'a change of leader',
    alert: 'StewardAbsent',
    world: { [series.leading]: `1x10 0x${SPAN}`, [series.standby]: `0x12 1x${SPAN}` },
    minute: 30,
    fires: [],
  },
  {
    name: 'another operator that leads, and not Steward',
    alert: 'StewardAbsent',
    world: {
      [series.leading]: undefined,
      [series.standby]: undefined,
      [series.leading.replace('name="steward"', 'name="other"')]: constant(1),
    },
    minute: 10,
    fires: [{}],
  },
];

type Condition = readonly [type: string, status: string, reason: string];

/** An alert on a condition of a VM: when it fires, that it waits as long as it says, and for which conditions it stays silent. */
function promise(alert: string, minutes: number, fires: Condition, silent: readonly Condition[]): readonly Situation[] {
  const of = (condition: Condition): Situation['world'] => ({ [series.condition(...condition)]: constant(1) });
  const name = (condition: Condition): string => `a VM that reads ${condition.join('/')}`;
  return [
    { name: name(fires), alert, world: of(fires), minute: minutes, fires: [{}] },
    { name: `${name(fires)}, for less`, alert, world: of(fires), minute: minutes - 1, fires: [] },
    ...silent.map(each => ({ name: name(each), alert, world: of(each), minute: minutes + 30, fires: [] })),
  ];
}
