import { OWNER_UID_LABEL } from '../domain/child.ts';
import type { KubeObject } from '../runtime/object.ts';

/** Index of children by the uid of the object they belong to. */
export const OWNER_INDEX = 'owner';

/** Label selector of everything that Steward applies. */
export const MANAGED_SELECTOR = 'app.kubernetes.io/managed-by=steward';

/** Objects that are not applied by us but carry our owner labels, such as the Backups that Velero makes from a Schedule. */
export const byOwner: Readonly<Record<string, (object: KubeObject) => readonly string[]>> = {
  [OWNER_INDEX]: object => {
    const uid = object.metadata.labels?.[OWNER_UID_LABEL];
    return uid === undefined ? [] : [uid];
  },
};
