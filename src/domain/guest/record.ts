import { GuestStateStatus } from '../../api/gueststate.ts';
import { at, isFields, textAt } from '../contract/json.ts';

/** What the guest worker has written of a guest. */
export type GuestRecord =
  | { readonly state: 'read'; readonly status: GuestStateStatus }
  /** It names another ManagedVM: it was copied, restored from a backup, or is left of a former one. It says nothing of this one. */
  | { readonly state: 'others' }
  /** It does not follow its schema: nothing of it is believed. `why` names the first field that does not. */
  | { readonly state: 'unreadable'; readonly why: string };

/**
 * The record of a ManagedVM, out of the GuestState of its name; undefined where there is none. A worker may have been taken over by a guest, so
 * all of it is held to the schema once more.
 */
export function recordOf(object: unknown, uid: string | undefined): GuestRecord | undefined {
  if (!isFields(object)) return undefined;
  if (uid === undefined || textAt(object, 'spec', 'managedVM') !== uid) return { state: 'others' };
  const parsed = GuestStateStatus.safeParse(at(object, 'status') ?? {});
  if (parsed.success) return { state: 'read', status: parsed.data };
  const [issue] = parsed.error.issues;
  return { state: 'unreadable', why: ['status', ...(issue?.path ?? [])].join('.') };
}

/** What a record says of an application of its guest, by the name of that. */
export function applicationIn(
  record: GuestRecord | undefined,
  name: string,
): NonNullable<GuestStateStatus['applications']>[number] | undefined {
  return record?.state === 'read' ? record.status.applications?.find(each => each.name === name) : undefined;
}

/** Whether the guest worker is told to leave the guest alone: Windows, unless it is told to work in it. */
export function isNotSupported(record: GuestRecord): boolean {
  return record.state === 'read' && record.status.contact?.outcome === 'NotSupported';
}

/** What a record says of the updates of its guest. Of one that is left alone an answer of before says nothing any more (MO-10). */
export function updatesIn(record: GuestRecord | undefined): GuestStateStatus['updates'] {
  return record?.state === 'read' && !isNotSupported(record) ? record.status.updates : undefined;
}
