import type { FaultCase } from './case.ts';

const SERVER = 'test/integration/backups.test.ts';
const COMPLIANCE = 'src/domain/backup/backupcompliance.test.ts';
const POINT = 'src/domain/backup/recoverypoint.test.ts';
const OWN = 'src/domain/backup/ownbackups.test.ts';
const PLAN = 'src/domain/backup/backupplan.test.ts';
const POLICY = 'src/domain/policies/policystatus.test.ts';
const ORDER = 'src/domain/machine/order.test.ts';
const LISTS = 'src/domain/contract/permitted.test.ts';
const ADMISSION = 'test/chart/admission.test.ts';

const UNPROVEN = 'a claim without proof';
const FORGOTTEN = 'a broken promise that is forgotten';
const UNRESTORABLE = 'a backup that cannot be restored counts';
const PROMISED = 'a promise that cannot be kept is accepted';
const APART = 'a tenant reaches what is not his';
const PERSON = 'a decision of a person is undone';

export const backupCases: readonly FaultCase[] = [
  {
    ...{ id: 'issue-11/3.1', kind: UNPROVEN },
    fault: 'BackupCompliant=True for a Completed backup with zero of two volume snapshots.',
    tests: [
      { file: COMPLIANCE, name: 'False, with the numbers, where the only backup is Completed with zero of two' },
      { file: COMPLIANCE, name: 'Unknown where the counts are full' },
      { file: COMPLIANCE, name: 'Unknown where a data mover has uploaded all that it began' },
      { file: POINT, name: 'Completed with none of two CSI snapshots' },
      { file: SERVER, name: 'is none with zero of two volume snapshots' },
      { file: SERVER, name: 'makes the promise Unknown, never True' },
    ],
  },
  {
    ...{ id: 'issue-11/3.2', kind: UNPROVEN },
    fault: 'consistency of a BackupPolicy is read nowhere.',
    tests: [
      { file: COMPLIANCE, name: 'neither each disk nor the consistency is proven' },
      { file: COMPLIANCE, name: 'asks nothing of a hook where a crash-consistent backup is enough' },
    ],
  },
  {
    ...{ id: 'issue-11/3.3', kind: PROMISED },
    fault: 'A daily tier with an hour of retention is in force.',
    tests: [
      { file: PLAN, name: 'is not in force with a day between runs and an hour of retention' },
      { file: PLAN, name: 'is not in force with the weekend of a tier beside a good one' },
      { file: POLICY, name: 'keeps backups no longer than until the next run' },
      { file: SERVER, name: 'a daily tier with an hour of retention is not in force' },
    ],
  },
  {
    ...{ id: 'issue-11/5.1', kind: APART },
    fault: "BackupPolicy.spec.storageLocation reaches another tenant's bucket.",
    tests: [
      { file: SERVER, name: 'another tenant’s storage location is refused, without a word about it' },
      { file: SERVER, name: 'and a location that is withdrawn gets no more backups' },
      { file: COMPLIANCE, name: 'in a location that the namespace may not use, which is not named' },
      { file: LISTS, name: 'what a namespace may name of what all share' },
      { file: ADMISSION, name: 'the lists of what a namespace may use cannot be' },
    ],
  },
  {
    ...{ id: 'issue-11/5.2', kind: APART },
    fault: "A policy quotes the errors of another tenant's bucket.",
    tests: [
      { file: COMPLIANCE, name: 'of a location that is not permitted nothing is said' },
      { file: COMPLIANCE, name: 'of one that is permitted only the cause is quoted' },
      { file: 'src/domain/backup/storageerror.test.ts', name: 'nothing else is: no bucket, no account, no address' },
    ],
  },
  {
    ...{ id: 'issue-11/5.3', kind: PROMISED },
    fault: 'A schedule of every minute is accepted.',
    tests: [
      { file: PLAN, name: 'that runs every minute is beyond the provider’s bounds' },
      { file: SERVER, name: 'a tier that runs every minute is in no Schedule' },
      { file: 'src/domain/time/rungaps.test.ts', name: 'the shortest interval between runs' },
    ],
  },
  {
    ...{ id: 'issue-11/5.4', kind: PROMISED },
    fault: 'A retention of 999999 hours is accepted.',
    tests: [
      { file: PLAN, name: 'that keeps backups for 114 years is beyond the provider’s bounds' },
      { file: SERVER, name: 'a tier that keeps its backups for 114 years is in no Schedule' },
    ],
  },
  {
    ...{ id: 'issue-11/5.5', kind: APART },
    fault: 'Any instance type of the cluster can be ordered.',
    tests: [
      { file: ORDER, name: 'that is not on the list: it says so, with what the provider must do' },
      { file: ORDER, name: 'that is no longer permitted: what runs stays provisioned' },
      { file: SERVER, name: 'an instance type that is not permitted makes no VM until it is' },
    ],
  },
  {
    ...{ id: 'cluster/09', kind: FORGOTTEN },
    fault: 'Renaming a tier, or deleting a Schedule, resets a broken promise to Unknown.',
    tests: [
      { file: SERVER, name: 'a broken promise is remembered (cluster/09) when a tier is renamed' },
      { file: SERVER, name: 'a broken promise is remembered (cluster/09) when a Schedule is deleted and made again' },
      { file: COMPLIANCE, name: 'a broken promise stays False when' },
    ],
  },
  {
    ...{ id: 'cluster/10', kind: UNRESTORABLE },
    fault: 'A backup in a deleted location counts.',
    tests: [
      { file: SERVER, name: 'is none in a location that is deleted, though the policy has moved on' },
      { file: COMPLIANCE, name: 'does not count in a location that is deleted' },
    ],
  },
  {
    ...{ id: 'cluster/33', kind: UNRESTORABLE },
    fault: 'A backup in an unavailable location counts.',
    tests: [
      { file: SERVER, name: 'is none in a location that is unavailable, though the policy has moved on' },
      { file: COMPLIANCE, name: 'does not count in a location that is unavailable' },
    ],
  },
  {
    ...{ id: 'cluster/11', kind: UNRESTORABLE },
    fault: 'A backup dated in the future counts, for as long as until then.',
    tests: [
      { file: SERVER, name: 'is none dated in the future (cluster/11)' },
      { file: COMPLIANCE, name: 'dated in the future, until it is past' },
    ],
  },
  {
    ...{ id: 'cluster/12', kind: UNRESTORABLE },
    fault: 'A backup past its expiration counts, which Velero may delete any minute.',
    tests: [
      { file: SERVER, name: 'is none past its expiration (cluster/12)' },
      { file: COMPLIANCE, name: 'past its expiration, from that moment on' },
    ],
  },
  {
    ...{ id: 'cluster/27', kind: 'zones' },
    fault: 'Zones of new and old names must be accepted, EST, Local and wrong case refused: it held when it was tried.',
    noFault: 'The report passed: names of the IANA database are accepted, others refused with the reason.',
    tests: [{ file: SERVER, name: 'zones (cluster/27)' }],
  },
  {
    ...{ id: 'cluster/28', kind: PERSON },
    fault: '`velero schedule pause` is undone within three seconds.',
    tests: [
      { file: SERVER, name: 'a Schedule that somebody pauses (cluster/28) stays paused' },
      { file: COMPLIANCE, name: 'a Schedule that somebody has paused does not stop the clock' },
    ],
  },
  {
    ...{ id: 'domain/a.1', kind: UNPROVEN },
    fault: 'A backup without a snapshot complies with a policy that promises application-consistent ones.',
    tests: [
      { file: COMPLIANCE, name: 'False, with the numbers' },
      { file: COMPLIANCE, name: 'neither each disk nor the consistency is proven' },
    ],
  },
  {
    ...{ id: 'domain/a.1b', kind: PROMISED },
    fault: 'A retention of an hour under an objective of 26 hours is no problem of the plan.',
    tests: [{ file: PLAN, name: 'is not in force with a day between runs and an hour of retention' }],
  },
  {
    ...{ id: 'domain/a.bsl', kind: APART },
    fault: "A Schedule is rendered into another tenant's location, and its error is shown with bucket and account.",
    tests: [
      { file: COMPLIANCE, name: 'tenants apart' },
      { file: SERVER, name: 'another tenant’s storage location is refused' },
    ],
  },
  {
    ...{ id: 'domain/a.9-instance-type', kind: APART },
    fault: 'The schema accepts an order of any instance type, a whole GPU for example.',
    tests: [{ file: ORDER, name: 'an instance type of the cluster is ordered that is not on the list' }],
  },
  {
    ...{ id: 'domain/c.policy', kind: PROMISED },
    fault:
      'A policy that runs every minute, and keeps for 114 years, is valid, and one with an hour of retention is in force.',
    tests: [
      { file: PLAN, name: 'beyond the provider’s bounds, and nothing is made from it' },
      { file: POLICY, name: 'keeps backups no longer than until the next run' },
    ],
  },
  {
    ...{ id: 'issue-11/1.backup', kind: 'ownership by copied labels' },
    fault: 'Any Velero Backup that carries our labels counts as a recovery point, whoever made it of whatever.',
    tests: [
      { file: OWN, name: 'a label proves nothing: a Backup is not ours' },
      { file: SERVER, name: 'is none that somebody planted with the labels of the VM' },
    ],
  },
];
