import type { ManagedVM } from '../../api/managedvm.ts';
import type { Restore } from '../../api/restore.ts';
import { restore } from '../../api/restore.ts';
import { textAt } from '../../domain/contract/json.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import type { Reader, WatchedKind } from '../../runtime/pass/controller.ts';

const BY_VM = 'restoresOf';

/** Finds Restores by the UID of the ManagedVM that they are of. */
export const restoresIndex: NonNullable<WatchedKind['indexes']> = {
  [BY_VM]: each => [textAt(each, 'status', 'managedVM') ?? ''],
};

/** Of exactly this one. */
export function restoresOf({ metadata: { uid = '' } }: ManagedVM, read: Reader): readonly Restore[] {
  return read.byIndex<Restore & KubeObject>(restore, BY_VM, uid);
}
