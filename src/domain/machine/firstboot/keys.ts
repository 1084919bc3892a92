/** What first boot needs to know of the keys: OpenSSH lines, and the host's private key in OpenSSH's PEM. */
export type FirstBootKeys = {
  readonly providerPublicKey: string;
  readonly hostPrivateKey: string;
  readonly hostPublicKey: string;
};
