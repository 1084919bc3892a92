import type { ChangeRequest } from '../../api/changerequest.ts';
import type { LiveObject } from '../contract/child.ts';
import type { Exchange } from './exchanging.ts';
import type { FirstBootKeys } from './firstboot/keys.ts';
import type { Observed } from './observed.ts';
import type { NewRootSeen } from './rootplace.ts';
import type { TurningBack } from './turningback.ts';

/** The machine and its parts as they are in the cluster: children are rendered from them. */
export type LiveMachine = {
  /** The VirtualMachine, if it is this ManagedVM's. */
  readonly virtualMachine: LiveObject | undefined;
  /** Whatever DataVolume has a name that a disk of the order has or had. */
  readonly dataVolumes: readonly LiveObject[];
  /** By disk name, as all that is named by a customer: a Map has no names of its own. */
  readonly liveDataVolumes: ReadonlyMap<string, LiveObject>;
  readonly livePVCs: ReadonlyMap<string, LiveObject>;
  /** The key pairs that the guest is given; undefined: there are none for it. */
  readonly keys: FirstBootKeys | undefined;
};

export type MachineFacts = Observed & {
  readonly live: LiveMachine;
  /** How a PatchRun turns it back to the snapshot before; undefined: none ever did. */
  readonly turningBack?: TurningBack | undefined;
  /** How a Restore exchanges its disks; undefined: none does now. */
  readonly exchange?: Exchange | undefined;
  /** What there is of a root disk that is made anew; undefined: none is. */
  readonly newRoot?: NewRootSeen | undefined;
  /** The PatchRun that works in its guest, or with its machine. */
  readonly patchRun?: string | undefined;
  /** KubeVirt has been asked in this pass to let go of its file systems. */
  readonly thawAsked?: boolean | undefined;
  /** Changes of its namespace that name it, as far as their specs can be read. */
  readonly changeRequests: readonly ChangeRequest[];
};

/** What every promise knows besides its own facts. */
export type OfMachine = { readonly machine: MachineFacts };
