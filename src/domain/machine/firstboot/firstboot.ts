import type { ManagedVM } from '../../../api/managedvm.ts';
import {
  type Child,
  firstBootSecretName,
  type LiveObject,
  MANAGED_VM_LABEL,
  type RenderInput,
  type WantedChild,
} from '../../contract/child.ts';
import { textAt } from '../../contract/json.ts';
import { type Claims, hasBooted } from './delivery.ts';
import { enrolScript } from './enrol.ts';
import type { GuestDownloads } from './exporters.ts';
import type { FirstBootKeys } from './keys.ts';
import { cloudConfig } from './linux.ts';
import { networkData } from './networkdata.ts';
import { firstBootScript, SCRIPT_FILE, unattend } from './windows.ts';

export type FirstBootInput = RenderInput & {
  readonly keys: FirstBootKeys;
  /** Where guests fetch what their distribution does not bring; default: upstream. */
  readonly downloads?: GuestDownloads;
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

/**
 * The Secret as it is to be applied. One that an earlier Steward wrote for a guest that has booted stays as it is, whatever else that one gave
 * a first boot, as long as it has the same keys and networks: it reaches nobody, and an upgrade does not write thousands of them.
 */
export function firstBootChild(input: FirstBootInput, claims: Claims): WantedChild {
  const object = renderFirstBoot(input);
  return { object, suffices: live => hasBooted(input.managedVM, claims) && bringsTheWayIn(live, object) };
}

/** Whether the Secret brings name, host key, provider's account and networks as ours does, and perhaps more. */
function bringsTheWayIn(live: LiveObject, ours: Child): boolean {
  const wanted = textOf(ours, 'userdata');
  const wayIn = wanted.slice(0, Math.max(0, wanted.indexOf('}]\n')));
  const sameNetworks = textOf(live, 'networkdata') === textOf(ours, 'networkdata');
  return wayIn !== '' && textOf(live, 'userdata').startsWith(wayIn) && sameNetworks;
}

function textOf(secret: unknown, name: string): string {
  return Buffer.from(textAt(secret, 'data', name) ?? '', 'base64').toString();
}

/** The keys that KubeVirt looks for. */
function linuxFiles(input: FirstBootInput): Record<string, string> {
  const networkdata = networkData(input.managedVM);
  return {
    userdata: cloudConfig(input),
    ...(networkdata !== undefined && { networkdata }),
    ...(wasTakenOver(input) && { enrol: enrolScript(input) }),
  };
}

function wasTakenOver({ managedVM: { spec, status } }: FirstBootInput): boolean {
  return spec.adopt !== undefined || status?.adopted !== undefined;
}

/** Windows takes Unattend.xml from a CD-ROM for the passes after the first; Autounattend.xml is for installation media. */
function windowsFiles(input: FirstBootInput): Record<string, string> {
  return { 'unattend.xml': unattend(input), [SCRIPT_FILE]: firstBootScript(input) };
}
