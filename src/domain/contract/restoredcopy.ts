/** Velero's label on what it brings back from a backup, for the Restore of its own that does. */
const RESTORED_BY = 'velero.io/restore-name';

/** Whether an object came back from a backup: what it orders, or was agreed to by it, was done or left when that was made, and is not done again. */
export function isRestoredCopy({
  metadata,
}: {
  readonly metadata: { readonly labels?: Readonly<Record<string, string>> | undefined };
}): boolean {
  return metadata.labels?.[RESTORED_BY] !== undefined;
}
