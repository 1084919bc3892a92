import type { ManagedApplication } from '../../api/managedapplication.ts';

/**
 * Whether another application counts as there before: it is set up and this one is not yet, or it was ordered first. Orders of the same second are in
 * the order of their UIDs. One that is deleted counts until it is gone: as long as it is taken out, its steps would undo those of another.
 */
export function isEarlier(other: ManagedApplication, application: ManagedApplication): boolean {
  const isSetUp = ({ status }: ManagedApplication) => status?.plan !== undefined;
  if (isSetUp(other) !== isSetUp(application)) return isSetUp(other);
  return placeOf(other) < placeOf(application);
}

function placeOf({ metadata: { creationTimestamp = '', uid = '' } }: ManagedApplication): string {
  return `${creationTimestamp} ${uid}`;
}
