import type { Child, RenderInput } from '../child.ts';

/** What first boot needs to know of the keys: OpenSSH lines, and the host's private key in OpenSSH's PEM. */
export type FirstBootKeys = {
  readonly providerPublicKey: string;
  readonly hostPrivateKey: string;
  readonly hostPublicKey: string;
};

/** The Secret from which the guest configures itself at its first boot: cloud-init (Linux) or unattend (Windows). */
export function renderFirstBoot(_input: RenderInput & { readonly keys: FirstBootKeys }): Child {
  throw new Error('not yet');
}
