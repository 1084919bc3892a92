import type { ManagedVM } from '../../api/managedvm.ts';
import type { Restore } from '../../api/restore.ts';
import { restore } from '../../api/restore.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import type { Reader } from '../../runtime/pass/controller.ts';

/** Restores by the UID of the ManagedVM that they are of. */
export const RESTORES_INDEX = 'restoresOf';

/** Of exactly this one. */
export function restoresOf({ metadata: { uid = '' } }: ManagedVM, read: Reader): readonly Restore[] {
  return read.byIndex<Restore & KubeObject>(restore, RESTORES_INDEX, uid);
}
