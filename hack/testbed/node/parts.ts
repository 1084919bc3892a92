/** What runs on the real node for the cluster's users. Each part is started once the node is Ready, all of them at the same time. */
import type { Installation } from '../build/installation.ts';
import type { Progress } from '../build/progress.ts';
import type { Client } from '../client/client.ts';
import type { ControlPlane } from '../controlplane/controlplane.ts';
import { startGuestDisks, startMirror } from './guests.ts';
import type { NodeInstallation } from './installation.ts';
import { startRealKubeVirt } from './kubevirt/realkubevirt.ts';
import { startMonitoring } from './monitoring/monitoring.ts';
import type { RealNode } from './realnode.ts';
import { startStorage } from './storage/csi.ts';

export type PartContext = {
  /** `plane.start` starts a process beside the others, which ends with the bed. */
  readonly plane: ControlPlane;
  readonly client: Client;
  readonly node: RealNode;
  readonly installation: Installation;
  readonly nodeInstallation: NodeInstallation;
  /** The bed's folder. */
  readonly dir: string;
  /** Aborts when the bed stops. */
  readonly signal: AbortSignal;
  readonly progress: Progress;
};

/** Returns when the part is ready for use. */
export type Part = (context: PartContext) => Promise<void>;

/** By name, so that a test may ask for the ones it needs. */
export const parts = {
  monitoring: startMonitoring,
  kubevirt: startRealKubeVirt,
  storage: startStorage,
  cdi: startGuestDisks,
  mirror: startMirror,
} as const satisfies Readonly<Record<string, Part>>;
export type PartName = keyof typeof parts;
export const everyPart = Object.keys(parts) as readonly PartName[];
