import type { FaultCase } from './case.ts';

const RULE = 'src/runtime/children/ownership.test.ts';
const PRUNE = 'src/runtime/children/prune.test.ts';
const FINALIZE = 'src/controllers/managedvm/finalize.test.ts';
const DELETION = 'src/domain/managedvm/deletion.test.ts';
const SERVER = 'test/integration/ownership.test.ts';
const COPIED = 'ownership by copied labels';
const ENDED = 'deletion that takes or leaves the wrong things';

export const ownershipCases: readonly FaultCase[] = [
  {
    ...{ id: 'issue-11/1.1', kind: COPIED },
    fault: 'Velero restores into another namespace are deleted by prune and finalize.',
    tests: [
      { file: SERVER, name: 'is left alone by every pass and by the deletion of the original' },
      { file: FINALIZE, name: 'neither touches nor waits for a restore into another namespace' },
    ],
  },
  {
    ...{ id: 'issue-11/1.2', kind: COPIED },
    fault: 'VirtualMachineClone copies are deleted by prune and finalize.',
    tests: [
      { file: SERVER, name: 'a VirtualMachineClone stays' },
      { file: FINALIZE, name: 'neither touches nor waits for a clone by KubeVirt' },
    ],
  },
  {
    ...{ id: 'issue-11/1.3', kind: COPIED },
    fault: 'Exported manifests applied under another name are deleted by prune and finalize.',
    tests: [
      { file: SERVER, name: 'an exported manifest applied under another name stays' },
      { file: FINALIZE, name: 'neither touches nor waits for an exported manifest under another name' },
    ],
  },
  {
    ...{ id: 'issue-11/1.4', kind: COPIED },
    fault: 'Disks with reclaimPolicy Delete that were restored are deleted.',
    tests: [
      { file: FINALIZE, name: 'neither touches nor waits for a disk restored in place' },
      { file: RULE, name: 'restored in place under its living owner' },
    ],
  },
  {
    ...{ id: 'issue-11/1.5', kind: COPIED },
    fault: 'A planted DataVolume or Secret with our labels is adopted.',
    tests: [
      { file: RULE, name: 'an object with our labels only' },
      { file: PRUNE, name: 'what is made once is not taken from somebody else' },
      { file: SERVER, name: 'with our labels is neither taken nor deleted' },
    ],
  },
  {
    ...{ id: 'issue-11/1.6', kind: COPIED },
    fault: 'An object with an empty applied-hash annotation belongs to everybody.',
    tests: [
      { file: RULE, name: 'an object with an empty hash' },
      { file: SERVER, name: 'with an empty hash is neither taken nor deleted' },
    ],
  },
  {
    ...{ id: 'issue-11/1.7', kind: COPIED },
    fault: 'A labelled foreign object with a finalizer blocks a deletion in the namespace of another tenant.',
    tests: [
      { file: FINALIZE, name: 'neither touches nor waits for a clone with a finalizer of somebody' },
      { file: SERVER, name: 'which it does not hold up' },
    ],
  },
  {
    ...{ id: 'issue-11/1.8', kind: COPIED },
    fault: 'A VirtualMachine is read as ours by its label, and so is who has the right to its name.',
    tests: [
      { file: 'src/domain/machine/observed.test.ts', name: 'reads nothing of a VirtualMachine that is not ours' },
    ],
  },
  {
    ...{ id: 'issue-11/1.9', kind: COPIED },
    fault: 'Reaping takes copies of what an owner that is gone has left.',
    tests: [{ file: PRUNE, name: 'is reaped, and a copy of it is not' }],
  },
  {
    ...{ id: 'issue-11/1.10', kind: COPIED },
    fault: 'Children of a version without marks must be known again after the upgrade, at one write each.',
    tests: [
      { file: SERVER, name: 'children of a version without marks are known again' },
      { file: RULE, name: 'a mark does not change the hash' },
    ],
  },
  {
    ...{ id: 'issue-11/7.1', kind: ENDED },
    fault: 'Finalize skips living children of a kind that it cannot read.',
    tests: [
      { file: FINALIZE, name: 'does not end while a kind cannot be read' },
      { file: DELETION, name: 'takes no kind that cannot be read for gone' },
    ],
  },
  {
    ...{ id: 'cluster/01', kind: COPIED },
    fault: 'Restore of acme/shop-db into acme-drill: VM and Delete disk are deleted within 100 ms.',
    tests: [{ file: SERVER, name: 'a restore into another namespace (cluster/01' }],
  },
  {
    ...{ id: 'cluster/02', kind: COPIED },
    fault: 'VirtualMachineClone web to web-copy2: the clone is deleted as it is made.',
    tests: [{ file: SERVER, name: 'clone controller (cluster/02)' }],
  },
  {
    ...{ id: 'cluster/06', kind: ENDED },
    fault: '--cascade=orphan is ignored: VM and disk are deleted.',
    tests: [
      { file: SERVER, name: '--cascade=orphan (cluster/06)' },
      { file: FINALIZE, name: 'lets everything live on' },
      { file: DELETION, name: 'orphan' },
    ],
  },
  {
    ...{ id: 'cluster/07', kind: ENDED },
    fault: 'Finalizer stripped while Steward is down: the provider’s private key outlives its VM for ever.',
    tests: [
      { file: SERVER, name: 'a finalizer stripped while Steward is down' },
      { file: SERVER, name: 'the keys of a guest whose disk is kept stay until the disk goes' },
    ],
  },
  {
    ...{ id: 'runtime/review.prune', kind: COPIED },
    fault: 'A clone and a restore into another namespace are pruned.',
    tests: [{ file: PRUNE, name: 'a clone, a restore into another namespace and an exported manifest stay' }],
  },
  {
    ...{ id: 'runtime/review.finalize', kind: COPIED },
    fault: 'A deletion takes a disk in another namespace along.',
    tests: [{ file: FINALIZE, name: 'neither touches nor waits for' }],
  },
  {
    ...{ id: 'domain/b', kind: COPIED },
    fault: 'Prune deletes restored and cloned machines; a spoofed Service of another tenant holds a deletion up.',
    tests: [
      { file: PRUNE, name: 'a clone, a restore into another namespace and an exported manifest stay' },
      { file: FINALIZE, name: 'neither touches nor waits for a clone with a finalizer of somebody' },
    ],
  },
];
