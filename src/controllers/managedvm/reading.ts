import type { ManagedVM } from '../../api/managedvm.ts';
import { managedVM as managedVMKind } from '../../api/managedvm.ts';
import type { Standard } from '../../domain/backup/standard.ts';
import { type KubeObject, keyOf, type ObjectKey } from '../../runtime/api/object.ts';
import type { OwnedKind, Reader, WatchedKind } from '../../runtime/pass/controller.ts';
import type { AlertReceiver } from '../alertreceiver.ts';
import type { Permission } from '../permission.ts';
import type { Settings } from '../settings.ts';
import type { VeleroHeartbeat } from '../veleroheartbeat.ts';
import type { Whose } from '../whose.ts';
import type { BackupContents } from './backupcontents.ts';
import type { GuestWorkers } from './guestworkers.ts';
import type { NamespaceRights } from './namespacerights.ts';
import type { Prometheus } from './prometheus.ts';

/** What a pass looks at besides its object: the cache, what the provider has set, what Prometheus said last, whether guest workers live, what was read of backups, and whether Velero lives. */
export type Sources = {
  readonly read: Reader;
  readonly settings: Settings;
  readonly prometheus: Prometheus | undefined;
  readonly guestWorkers: GuestWorkers;
  readonly rights: NamespaceRights;
  readonly backupContents: BackupContents;
  readonly veleroHeartbeat: VeleroHeartbeat;
  readonly alertReceiver: AlertReceiver;
  readonly whose: Whose;
  /** The provider's standard of backups for the order, if there is one. */
  readonly standard?: Standard | undefined;
};

type Settled = Pick<Settings, 'keys' | 'veleroNamespace'>;

/** The half of a promise that touches the cluster; the other, which decides, is its folder in src/domain. */
export type Reading<Facts> = {
  /** From the cache alone. */
  readonly gather: (managedVM: ManagedVM, sources: Sources) => Facts;
  /** What it finds ManagedVMs by. */
  readonly indexes: Readonly<Record<string, (managedVM: ManagedVM & KubeObject) => readonly string[]>>;
  /** Kinds of its children. */
  readonly owns: (settings: Settled) => readonly OwnedKind[];
  readonly watches: (settings: Settled) => readonly WatchedKind[];
  /** What it may do, for watches, children and whatever else. */
  readonly permissions: readonly Permission[];
};

export function keysOf(objects: readonly KubeObject[]): readonly ObjectKey[] {
  return objects.map(keyOf);
}

/** `namespace/name` of an object, as indexes have it; nothing before the slash where it lies in none. */
export function pathOf({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

/** The ManagedVMs that an index finds under the path of an object. */
export function found(index: string): WatchedKind['toKeys'] {
  return (object, read) => keysOf(read.byIndex(managedVMKind, index, pathOf(object)));
}

/** The ManagedVMs of a namespace, or of all, to which something applies. */
export function thoseThat(
  read: Reader,
  applies: (managedVM: ManagedVM) => boolean,
  options?: { readonly namespace: string },
): readonly ObjectKey[] {
  return keysOf(read.list<ManagedVM & KubeObject>(managedVMKind, options).filter(applies));
}

/** Statuses of policies and catalogue entries count the VMs that name them: none of these has to look at that. */
export function specOf({ spec }: KubeObject): unknown {
  return spec;
}
