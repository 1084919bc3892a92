import type { GuestStateStatus } from '../../api/gueststate.ts';
import type { ManagedVMStatus } from '../../api/managedvm.ts';
import type { GuestRecord } from './record.ts';
import { plain, shownInstant } from './words.ts';

/** What the status tells of the record: who can log in (MO-8, MO-16), what was put right, and who is at work in the guest. */
export function guestStatus(record: GuestRecord | undefined): Pick<ManagedVMStatus, 'access' | 'drift' | 'guestWork'> {
  if (record?.state !== 'read') return {};
  const { access, foreign, lookedAt, drift, lease } = record.status;
  return {
    ...(access && { access: { ...instantly('readAt', lookedAt), logins: logins(access), ...foreignOf(foreign) } }),
    ...(drift && { drift: driftOf(drift) }),
    ...(lease && { guestWork: workOf(lease) }),
  };
}

type Access = NonNullable<ManagedVMStatus['access']>;

/** Those that can log in; in the order of the record, which is the guest's. */
function logins(access: NonNullable<GuestStateStatus['access']>): Access['logins'] {
  return access
    .filter(({ login }) => login)
    .map(({ name, ordered, administrator, keys }) => ({
      ...{ name: plain(name, 64), ordered, administrator },
      keys: keys.map(key => plain(key, 64)),
    }));
}

function foreignOf(foreign: GuestStateStatus['foreign'] = []): Pick<Access, 'foreign'> {
  if (foreign.length === 0) return {};
  return {
    foreign: foreign.map(({ kind, name, detail, changed, since }) => ({
      ...{ kind, name: plain(name, 128), detail: plain(detail, 256) },
      ...{ ...instantly('changed', changed), ...instantly('since', since) },
    })),
  };
}

function driftOf({ healed, last }: NonNullable<GuestStateStatus['drift']>): NonNullable<ManagedVMStatus['drift']> {
  if (last === undefined) return { count: healed };
  const { setting, before, after, at } = last;
  const words = { setting: plain(setting, 80), before: plain(before, 256), after: plain(after, 256) };
  return { count: healed, last: { ...words, ...instantly('at', at) } };
}

function workOf({ holder, purpose, generation, since }: NonNullable<GuestStateStatus['lease']>) {
  return { holder: plain(holder, 128), purpose: plain(purpose, 40), generation, ...instantly('since', since) };
}

/** A field with an instant of somebody else's clock, where it is one. */
function instantly<Name extends string>(name: Name, text: string | undefined): { readonly [field in Name]?: string } {
  const shown = shownInstant(text);
  return shown === undefined ? {} : ({ [name]: shown } as { readonly [field in Name]?: string });
}
