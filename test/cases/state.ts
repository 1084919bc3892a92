import type { FaultCase } from './case.ts';

const HOLD = 'src/domain/machine/diskhold.test.ts';
const STATE = 'src/domain/machine/diskstate.test.ts';
const DISKS = 'src/domain/machine/disks.test.ts';
const MACHINE = 'src/domain/machine/virtualmachine.test.ts';
const RESTART = 'src/domain/machine/restartdiff.test.ts';
const KEYS = 'src/domain/machine/guestkeys.test.ts';
const PAUSED = 'src/domain/managedvm/paused.test.ts';
const SERVER = 'test/integration/state.test.ts';
const MOVE = 'test/chart/move.test.ts';
const HEALED = 'state healed like configuration';
const CONSENT = 'adoption without consent';
const LOST_KEYS = 'keys made anew';
const PLUGGED = 'what others add to a machine';
const STORAGE = 'what storage says is dropped';

export const stateCases: readonly FaultCase[] = [
  {
    ...{ id: 'issue-11/2.1', kind: HEALED },
    fault: 'A disk that was filled and has gone is replaced by an empty one and reported filled.',
    tests: [
      { file: HOLD, name: 'what was filled is never new, so it is never made anew' },
      { file: DISKS, name: 'AP-13: no DataVolume is made for one that is lost' },
      { file: SERVER, name: 'is never made anew, its backups pause, and the restored claim is taken by consent' },
    ],
  },
  {
    ...{ id: 'issue-11/2.2', kind: HEALED },
    fault: 'Backups of the empty disk push out the good ones.',
    tests: [
      {
        file: 'src/domain/backup/backuphold.test.ts',
        name: 'is moved to fourteen days ahead when less than seven days are left',
      },
      { file: HOLD, name: 'no guest starts on what is not its own, and backups of a lost disk pause' },
      { file: SERVER, name: 'is never made anew, its backups pause, and the restored claim is taken by consent' },
    ],
  },
  {
    ...{ id: 'issue-11/2.3', kind: HEALED },
    fault: 'A VirtualMachineRestore is reverted.',
    tests: [
      { file: HOLD, name: 'restored by KubeVirt in place' },
      { file: HOLD, name: "restored by KubeVirt under a name of its own: the machine's claim is asked about" },
      { file: MACHINE, name: 'it is neither taken nor put back before somebody consents' },
    ],
  },
  {
    ...{ id: 'issue-11/2.4', kind: HEALED },
    fault: 'A Velero restore in place does not converge.',
    tests: [
      { file: SERVER, name: 'is never made anew, its backups pause, and the restored claim is taken by consent' },
    ],
  },
  {
    ...{ id: 'issue-11/2.5', kind: HEALED },
    fault: 'A restore after total loss does not converge.',
    tests: [{ file: SERVER, name: 'after loss of the whole ManagedVM waits for consent' }],
  },
  {
    ...{ id: 'issue-11/2.6', kind: HEALED },
    fault: 'A whole restored namespace does not converge.',
    tests: [{ file: SERVER, name: 'of a whole namespace needs no consent where the order has it' }],
  },
  {
    ...{ id: 'issue-11/2.7', kind: HEALED },
    fault: 'A disk removed from the spec with Delete goes despite deletion protection.',
    tests: [
      { file: DISKS, name: 'deletion protection keeps a disk whatever its reclaim policy says' },
      { file: SERVER, name: 'a Delete disk cannot be taken out of the order' },
    ],
  },
  {
    ...{ id: 'issue-11/2.8', kind: HEALED },
    fault: 'Disks have no serial, so inserting one renames the others in the guest.',
    tests: [
      { file: MACHINE, name: 'MO-1: a Linux order becomes exactly this' },
      { file: RESTART, name: 'comes with the next start and is no reason for one' },
    ],
  },
  {
    ...{ id: 'issue-11/2.9', kind: HEALED },
    fault: 'Nothing holds Steward off while a person works.',
    tests: [
      { file: PAUSED, name: 'says so where others look for progress' },
      { file: SERVER, name: 'keeps everything but the status from being written, a deletion included' },
    ],
  },
  {
    ...{ id: 'issue-11/1.consent', kind: CONSENT },
    fault: 'A planted or left disk is adopted, or booted while status says True, because labels or a name match.',
    tests: [
      { file: HOLD, name: 'labels like ours are no proof' },
      { file: HOLD, name: 'a claim without labels was there first: asked for' },
      { file: HOLD, name: 'is never ours' },
      {
        file: 'test/integration/children.test.ts',
        name: 'takes up the disk that was retained, once somebody consents',
      },
    ],
  },
  {
    ...{ id: 'issue-11/8.keys', kind: LOST_KEYS },
    fault: 'A deleted key Secret is silently made anew and overwrites the last copy of what the guest knows.',
    tests: [
      { file: KEYS, name: 'gone, and the guest was given some' },
      {
        file: SERVER,
        name: 'that are lost are never made anew, the first-boot Secret stays, and the old Secret heals',
      },
    ],
  },
  {
    ...{ id: 'cluster/22', kind: LOST_KEYS },
    fault: 'The provider is locked out of a running guest while Ready is True.',
    tests: [
      { file: KEYS, name: 'gone, and a machine exists' },
      {
        file: SERVER,
        name: 'that are lost are never made anew, the first-boot Secret stays, and the old Secret heals',
      },
    ],
  },
  {
    ...{ id: 'cluster/21', kind: LOST_KEYS },
    fault: 'Moving the release to another namespace makes every key pair anew.',
    tests: [
      { file: KEYS, name: 'gone, and a machine exists' },
      {
        file: SERVER,
        name: 'that are lost are never made anew, the first-boot Secret stays, and the old Secret heals',
      },
      { file: MOVE, name: 'by the documented commands leaves every key where it is' },
      {
        file: MOVE,
        name: 'by the documented commands are the same, and until they are looked for where they lie, nothing is made',
      },
    ],
  },
  {
    ...{ id: 'cluster/03', kind: HEALED },
    fault: 'After the loss of a ManagedVM a restore of its parts is a dead end.',
    tests: [{ file: SERVER, name: 'after loss of the whole ManagedVM waits for consent' }],
  },
  {
    ...{ id: 'cluster/05', kind: HEALED },
    fault: 'A whole namespace restored in place stalls, with keys that the guest does not have.',
    tests: [{ file: SERVER, name: 'of a whole namespace needs no consent where the order has it' }],
  },
  {
    ...{ id: 'cluster/42', kind: HEALED },
    fault: 'A deleted disk is made anew from the image before the restore can put it back.',
    tests: [
      { file: SERVER, name: 'is never made anew, its backups pause, and the restored claim is taken by consent' },
    ],
  },
  {
    ...{ id: 'cluster/26', kind: HEALED },
    fault: 'A DataVolume deleted under a running VM is an empty disk after the next power cycle.',
    tests: [
      { file: HOLD, name: 'what was filled is gone: lost' },
      { file: MACHINE, name: 'is not started on a disk that is lost' },
    ],
  },
  {
    ...{ id: 'cluster/35', kind: CONSENT },
    fault: 'A renamed order cannot have its disks.',
    tests: [
      { file: HOLD, name: 'a claim of another name, consented to' },
      { file: HOLD, name: "another ManagedVM's" },
      { file: SERVER, name: 'has its disks by the consent that its message names' },
    ],
  },
  {
    ...{ id: 'cluster/08', kind: HEALED },
    fault: 'A healthy VM stalls for ever when CDI collects its DataVolume.',
    tests: [
      { file: STATE, name: 'counts as filled by its claim alone once it was seen filled' },
      { file: SERVER, name: 'leaves a claim, which is enough' },
    ],
  },
  {
    ...{ id: 'cluster/17', kind: PLUGGED },
    fault: 'A hot-plugged volume is taken out, and makes restartPolicy Automatic reboot.',
    tests: [
      { file: MACHINE, name: 'what virtctl addvolume plugged in stays, with its disk' },
      { file: RESTART, name: 'never make restartPolicy Automatic restart a guest to which a CPU came live' },
      { file: SERVER, name: 'stays, and restartPolicy Automatic restarts nothing for it' },
    ],
  },
  {
    ...{ id: 'cluster/18', kind: STORAGE },
    fault: 'A resize that waits for a restart, or that storage refuses, reads as growing for ever.',
    tests: [
      { file: STATE, name: 'a resize that storage refuses is a failure in its words, and the disk goes on' },
      { file: RESTART, name: 'a file system that grows when it is mounted again (kubevirt#10045) waits for a restart' },
      { file: RESTART, name: 'is not waited for again when a start did not bring it' },
      { file: DISKS, name: 'that storage refused is taken back to what is ordered' },
      { file: SERVER, name: 'may be taken back while it is refused, and only then' },
    ],
  },
  {
    ...{ id: 'cluster/19', kind: STORAGE },
    fault: 'A clone without a source reads as being filled.',
    tests: [{ file: STATE, name: 'CloneWithoutSource on Bound' }],
  },
];
