import { saying } from '../contract/excerpt.ts';
import { failed, waiting } from '../contract/finding.ts';
import type { ChildKinds } from '../contract/outcome.ts';
import type { Finding, Reason } from './reasons.ts';

/** The system that serves VirtualMachines. */
export const KUBEVIRT = { system: 'KubeVirt', reason: 'KubeVirtNotInstalled' } as const;
/** The system that fills disks. */
export const CDI = { system: 'CDI (Containerized Data Importer)', reason: 'CDINotInstalled' } as const;

/** The kinds of children that the machine consists of. */
export const CHILD_KINDS: ChildKinds<Reason> = new Map([
  ['Secret', {}],
  ['DataVolume', { servedBy: CDI, refused: imageProblem }],
  ['PersistentVolumeClaim', {}],
  ['VirtualMachine', { servedBy: KUBEVIRT, taken: nameTaken }],
]);

export function nameTaken(name: string): Finding {
  return failed('VirtualMachineNameTaken', `${name} exists and does not belong to this ManagedVM; it is left alone.`);
}

/**
 * What CDI's admission says of an image. It asks whether Steward's account may clone from where the image lies (DataVolume.AuthorizeUser of
 * containerized-data-importer-api, pkg/apis/core/v1beta1/authorize.go), and looks the DataSource and its namespace up for that.
 */
function imageProblem(name: string, message: string): Finding | undefined {
  const [, namespace] = /insufficient permissions in clone source namespace ([a-z0-9-]+)/.exec(message) ?? [];
  if (namespace !== undefined) {
    return failed(
      'ImageNotPermitted',
      `${name} was refused: Steward may not clone images from namespace ${namespace}. The provider adds ${namespace} to imageNamespaces of Steward's Helm release.`,
    );
  }
  if (/data ?source|source ?ref|datavolume-mutate.*namespaces ".*" not found/i.test(message)) {
    return waiting('ImageSourceNotReady', `${name} waits for its image${saying(message)}`);
  }
  return undefined;
}
