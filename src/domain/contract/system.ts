import type { NewRoot } from '../../api/newroot.ts';

/** Phases in which the guest is on the new disk, or off so that it becomes it. */
const ON_NEW: ReadonlySet<string> = new Set(['Exchanging', 'Starting', 'OnTrial', 'Accepted', 'StoppingBack']);

/** Of a ManagedVM, which may have been stored under another schema. */
type Ordered = {
  readonly spec?: { readonly operatingSystem?: string } | undefined;
  readonly status?: { readonly newRoot?: NewRoot | undefined } | undefined;
};

/**
 * Name of the OperatingSystem that the guest has, or has as soon as it starts: the one of its order, but for a migration that is on trial, or that was
 * accepted and the order does not name yet (GE-11, docs/adr/0218).
 */
export function systemNameOf({ spec, status }: Ordered): string {
  const { newRoot } = status ?? {};
  return (newRoot !== undefined && ON_NEW.has(newRoot.phase) ? newRoot.operatingSystem : spec?.operatingSystem) ?? '';
}
