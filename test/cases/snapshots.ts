import type { FaultCase } from './case.ts';

const E2E = 'test/e2e/restore.test.ts';
const CSI = 'hack/testbed/node/storage/csi.node.test.ts';
const KUBEVIRT = 'hack/testbed/node/storage/storage.node.test.ts';

const UNTRIED = 'A stand-in hides what the real part does';
const COPIES = 'A copy or a restored disk is taken for the original';

export const snapshotsCases: readonly FaultCase[] = [
  {
    id: 'issue-11/0.1',
    kind: UNTRIED,
    fault:
      'Copies and restores could not be tried: KubeVirt refuses to snapshot, restore and clone without a CSI driver that can.',
    tests: [
      { file: KUBEVIRT, name: 'are restored in place by KubeVirt from its own snapshot of a running machine' },
      { file: KUBEVIRT, name: 'are cloned by KubeVirt with their machine' },
    ],
  },
  {
    id: 'issue-11/0.2',
    kind: UNTRIED,
    fault: 'The volumes of the real node could not be snapshotted, cloned or block devices.',
    tests: [
      { file: CSI, name: 'is snapshotted, and a volume made of the snapshot has what the first had then' },
      { file: CSI, name: 'is cloned, and each goes its own way from there' },
      { file: CSI, name: 'grows when its claim does, and keeps what is in it' },
      { file: KUBEVIRT, name: 'grow under the running guest when their claims do, by just what was ordered' },
    ],
  },
  {
    id: 'issue-11/show.3.clone',
    kind: COPIES,
    fault: 'A VirtualMachineClone of a ManagedVM was deleted by Steward, its disks with it.',
    tests: [
      { file: E2E, name: 'gets a copy of its machine with all data, marks included' },
      { file: E2E, name: 'leaves the copy, and of its own the disks that it took over' },
    ],
  },
  {
    id: 'issue-11/show.3.restore',
    kind: COPIES,
    fault: 'A VirtualMachineRestore of a ManagedVM was reverted to the disk as it was before.',
    tests: [
      { file: E2E, name: 'keeps what was restored' },
      { file: E2E, name: 'boots from it once somebody has consented by the very command that the condition gives' },
    ],
  },
  {
    id: 'found/restored-claim-of-the-machine',
    kind: COPIES,
    fault:
      'A disk that a VirtualMachineRestore had put in place belonged to the VirtualMachine and went with it, reclaimPolicy Retain or not.',
    tests: [{ file: E2E, name: 'leaves the copy, and of its own the disks that it took over' }],
  },
];
