import type { ManagedVM } from '../../api/managedvm.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import type { ReconcileContext } from '../../runtime/pass/controller.ts';
import type { AlertReceiver } from '../alertreceiver.ts';
import type { Reporter } from '../report.ts';
import type { Settings } from '../settings.ts';
import type { VeleroHeartbeat } from '../veleroheartbeat.ts';
import type { Ownership } from '../whose.ts';
import type { BackupContents } from './backupcontents.ts';
import type { GuestWorkers } from './guestworkers.ts';
import type { ManagedVMMetrics } from './metrics.ts';
import type { NamespaceRights } from './namespacerights.ts';
import type { Prometheus } from './prometheus.ts';

/** One pass over a ManagedVM. */
export type Context = ReconcileContext<ManagedVM & KubeObject>;

/** What all passes share. */
export type Parts = {
  readonly settings: Settings;
  readonly reporter: Reporter;
  readonly metrics: ManagedVMMetrics;
  /** Undefined: it is not asked. */
  readonly prometheus: Prometheus | undefined;
  readonly guestWorkers: GuestWorkers;
  readonly rights: NamespaceRights;
  readonly backupContents: BackupContents;
  readonly veleroHeartbeat: VeleroHeartbeat;
  readonly alertReceiver: AlertReceiver;
  readonly ownership: Ownership;
};
