/** What first boot needs to know of the keys: OpenSSH lines, and the host's private key in OpenSSH's PEM. */
export type FirstBootKeys = {
  readonly providerPublicKey: string;
  /** The provider's key that comes after it, where one is under way: a first boot that takes place meanwhile is given both. */
  readonly nextPublicKey?: string;
  readonly hostPrivateKey: string;
  readonly hostPublicKey: string;
};

/** The keys of the provider's account at a first boot. */
export function providerKeys({ providerPublicKey, nextPublicKey }: FirstBootKeys): readonly string[] {
  return nextPublicKey === undefined ? [providerPublicKey] : [providerPublicKey, nextPublicKey];
}
