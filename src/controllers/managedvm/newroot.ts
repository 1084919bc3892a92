import type { ManagedVM } from '../../api/managedvm.ts';
import { type OperatingSystem, operatingSystem } from '../../api/operatingsystem.ts';
import { DataVolume, PersistentVolumeClaim } from '../../api/upstream.ts';
import { textAt } from '../../domain/contract/json.ts';
import { isControlledBy } from '../../domain/machine/diskhold.ts';
import { stageOf } from '../../domain/machine/diskstate.ts';
import type { NewRootSeen } from '../../domain/machine/rootplace.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import type { Reader } from '../../runtime/pass/controller.ts';
import type { Whose } from '../whose.ts';

/** What there is of a root disk that is made anew. A claim of its name is not it, unless the DataVolume of ours has made it. */
export function newRootSeen(managedVM: ManagedVM & KubeObject, read: Reader, whose: Whose): NewRootSeen | undefined {
  const { newRoot } = managedVM.status ?? {};
  if (newRoot === undefined) return undefined;
  const { namespace = '' } = managedVM.metadata;
  const found = read.get(DataVolume, { namespace, name: newRoot.after.claim });
  const dataVolume = found !== undefined && whose(managedVM, found) !== 'foreign' ? found : undefined;
  const claim = claimOf(newRoot.after.claim, namespace, read);
  const isMade = claim !== undefined && dataVolume !== undefined && isControlledBy(claim, dataVolume);
  // Once it is the disk, its UID alone tells.
  const after = isMade || claim?.metadata.uid === newRoot.after.uid ? claim : undefined;
  return {
    operatingSystem: read.get<OperatingSystem & KubeObject>(operatingSystem, {
      namespace: '',
      name: newRoot.operatingSystem,
    }),
    dataVolume,
    after: after?.metadata.uid,
    before: claimOf(newRoot.before.claim, namespace, read)?.metadata.uid,
    stage: dataVolume === undefined ? 'none' : asSeen(stageOf(textAt(dataVolume, 'status', 'phase'))),
  };
}

function claimOf(name: string, namespace: string, read: Reader): KubeObject | undefined {
  const claim = read.get(PersistentVolumeClaim, { namespace, name });
  return claim?.metadata.deletionTimestamp === undefined ? claim : undefined;
}

function asSeen(stage: ReturnType<typeof stageOf>): NewRootSeen['stage'] {
  return stage === 'filled' || stage === 'firstConsumer' || stage === 'failed' ? stage : 'filling';
}
