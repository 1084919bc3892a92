import type { ManagedVM } from '../../../api/managedvm.ts';
import { type Child, firstBootSecretName, MANAGED_VM_LABEL, type RenderInput } from '../../contract/child.ts';
import type { GuestDownloads } from './exporters.ts';
import type { FirstBootKeys } from './keys.ts';
import { cloudConfig, networkData } from './linux.ts';
import { firstBootScript, SCRIPT_FILE, unattend } from './windows.ts';

export type FirstBootInput = RenderInput & {
  readonly keys: FirstBootKeys;
  /** Where guests fetch what their distribution does not bring; default: upstream. */
  readonly downloads?: GuestDownloads;
  /** Whether anything carries out patch policies in this cluster; default: nothing does. */
  readonly patchingServed?: boolean;
};

/** Which Secret it is. */
export function firstBootSecret(managedVM: ManagedVM): Child {
  const metadata = { name: firstBootSecretName(managedVM), namespace: managedVM.metadata.namespace ?? '' };
  return { apiVersion: 'v1', kind: 'Secret', metadata };
}

/**
 * The Secret from which the guest configures itself at its first boot: cloud-init (Linux) or unattend (Windows).
 * A later change of it reaches no guest that has booted: cloud-init runs once per firmware UUID, Windows setup once.
 */
export function renderFirstBoot(input: FirstBootInput): Child {
  const { managedVM, operatingSystem } = input;
  const files = operatingSystem.spec.family === 'Linux' ? linuxFiles(input) : windowsFiles(input);
  const secret = firstBootSecret(managedVM);
  return {
    ...secret,
    metadata: { ...secret.metadata, labels: { [MANAGED_VM_LABEL]: managedVM.metadata.name } },
    type: 'Opaque',
    data: Object.fromEntries(Object.entries(files).map(([name, text]) => [name, Buffer.from(text).toString('base64')])),
  };
}

/** The keys that KubeVirt looks for. */
function linuxFiles(input: FirstBootInput): Record<string, string> {
  const networkdata = networkData(input.managedVM);
  return { userdata: cloudConfig(input), ...(networkdata !== undefined && { networkdata }) };
}

/** Windows takes Unattend.xml from a CD-ROM for the passes after the first; Autounattend.xml is for installation media. */
function windowsFiles(input: FirstBootInput): Record<string, string> {
  return { 'unattend.xml': unattend(input), [SCRIPT_FILE]: firstBootScript(input) };
}
