import { createHash } from 'node:crypto';
import type { ManagedVM } from '../../api/managedvm.ts';
import type { OperatingSystem } from '../../api/operatingsystem.ts';

/** A child object as we want it: only the fields that we own, in the form in which the API server stores them. */
export type Child = {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  [field: string]: unknown;
};

/** An object as it is in the cluster, as far as rendering looks at it. */
export type LiveObject = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string; readonly uid?: string }[];
    readonly deletionTimestamp?: string;
  };
  readonly [field: string]: unknown;
};

/** A child to be applied, with what its applying must know. */
export type WantedChild =
  | Child
  | {
      readonly object: Child;
      /** False: the child outlives its owner, or belongs to another. */
      readonly ownerReference?: boolean;
      /** Whether an object of that name that is not ours may become this child. */
      readonly adopt?: (live: LiveObject) => boolean;
      /** Whether one of ours that an earlier Steward left otherwise stays as it is, for as long as the order wants the same. */
      readonly suffices?: (live: LiveObject) => boolean;
    };

/** Which object a child is. */
export type ChildIdentity = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
};

/** What every child of a ManagedVM is rendered from. */
export type RenderInput = { readonly managedVM: ManagedVM; readonly operatingSystem: OperatingSystem };

/** Labels that carry meaning on children (owner labels are added where they are applied). */
export const MANAGED_VM_LABEL = 'managed.systems/managed-vm';
export const SERVICE_LEVEL_LABEL = 'managed.systems/service-level';
export const OS_FAMILY_LABEL = 'managed.systems/os-family';
export const DISK_LABEL = 'managed.systems/disk';
export const RECLAIM_POLICY_LABEL = 'managed.systems/reclaim-policy';

/**
 * KubeVirt's own label on a launcher pod, the name of its VirtualMachineInstance (virt-controller services/template.go, podLabels). Labels of
 * ours are in the machine's template, and a clone of the machine has that: it would be reached as the original (MO-5).
 */
export const INSTANCE_LABEL = 'vmi.kubevirt.io/id';

/** Labels by which a child names its owner. */
export const OWNER_KIND_LABEL = 'managed.systems/owner-kind';
export const OWNER_NAMESPACE_LABEL = 'managed.systems/owner-namespace';
export const OWNER_NAME_LABEL = 'managed.systems/owner-name';
export const OWNER_UID_LABEL = 'managed.systems/owner-uid';

/** Name of the PrometheusRule with the default thresholds, one per namespace. */
export const DEFAULT_RULES_NAME = 'steward-defaults';
/** Name of the AlertmanagerConfig with the routes of their alerts, one per namespace. */
export const DEFAULT_ROUTES_NAME = 'steward-routes';

/** What the names of children are made of. */
export type RenderedFor = {
  readonly metadata: Pick<ManagedVM['metadata'], 'name' | 'namespace' | 'uid'>;
  readonly spec?: {
    readonly virtualMachineName?: string | undefined;
    readonly disks?: readonly { readonly name: string }[];
  };
};

/**
 * An object that may be a child: whether it has the name that a child of its kind gets for a ManagedVM is asked of its promise (design 4).
 * Which disk or tier it would be, its own labels say. Of a ManagedVM that is gone its metadata is enough where the name does not hang on the spec.
 */
export type Candidate = {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
};

/** Name of the KubeVirt VirtualMachine: at most 50 characters, a DNS-1035 label, which leaves its children's names room. */
export function virtualMachineName(managedVM: RenderedFor): string {
  return managedVM.spec?.virtualMachineName ?? managedVM.metadata.name;
}

/** Name of a disk's DataVolume, and of the PersistentVolumeClaim that CDI makes of it. */
export function dataVolumeName(managedVM: RenderedFor, disk: string): string {
  return `${virtualMachineName(managedVM)}-${disk}`;
}

/** Name of the Secret that holds cloud-init or unattend content. */
export function firstBootSecretName(managedVM: RenderedFor): string {
  return `${virtualMachineName(managedVM)}-first-boot`;
}

/** Name of the Service and of the ServiceMonitor through which the guest is scraped. */
export function metricsName(managedVM: RenderedFor): string {
  return `${virtualMachineName(managedVM)}-metrics`;
}

/** Name of the PrometheusRule with this VM's own thresholds. */
export function overrideRulesName(managedVM: RenderedFor): string {
  return `${virtualMachineName(managedVM)}-overrides`;
}

/** Name of the Secret in the namespace of keys that holds the provider's key pair of a generation, and the host's. */
export function keySecretName(managedVMUID: string, generation = 1): string {
  return generation === 1 ? `managedvm-${managedVMUID}` : `managedvm-${managedVMUID}-${generation}`;
}

/** The generation that a Secret of that name holds; undefined where it is not one with keys of this ManagedVM. */
export function keyGenerationOf(managedVMUID: string, name: string): number | undefined {
  const first = keySecretName(managedVMUID);
  if (name === first) return 1;
  const [, digits] = name.startsWith(first) ? (/^-([1-9]\d{0,6})$/.exec(name.slice(first.length)) ?? []) : [];
  return digits === undefined || digits === '1' ? undefined : Number(digits);
}

/** Name of a tier's Schedule in Velero's namespace: readable, at most 63 characters, never the same for two VMs. */
export function scheduleName(managedVM: RenderedFor, tier: string): string {
  const { namespace = '', name } = managedVM.metadata;
  const head = `${namespace}-${name}-${tier}`.slice(0, 54).replace(/-+$/, '');
  return `${head}-${shortHash(`${namespace}/${name}/${tier}`)}`;
}

/** First hexadecimal digits of the SHA-256 of a text. */
export function shortHash(text: string, digits = 8): string {
  return createHash('sha256').update(text).digest('hex').slice(0, digits);
}

/** Most characters of a name that is a label value too. */
const LONGEST_NAME = 63;

/** A name of at most 63 characters by what it begins and ends with; of `name` as much stands between as there is room for. */
export function nameBetween(head: string, name: string, tail: string): string {
  const room = LONGEST_NAME - head.length - tail.length;
  return `${head}${name.slice(0, room).replace(/[.-]+$/, '')}${tail}`;
}
