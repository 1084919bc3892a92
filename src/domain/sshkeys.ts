/** An ed25519 key pair, raw (RFC 8032): 32 bytes each. */
export type Ed25519KeyPair = { readonly seed: Uint8Array; readonly publicKey: Uint8Array };

/** `ssh-ed25519 AAAA… comment`, as in authorized_keys. */
export function publicKeyLine(_publicKey: Uint8Array, _comment?: string): string {
  throw new Error('not yet');
}

/** The unencrypted private key in OpenSSH's own PEM. */
export function privateKeyPEM(_pair: Ed25519KeyPair, _comment?: string): string {
  throw new Error('not yet');
}

/** `SHA256:…`, as ssh-keygen -l shows it. */
export function fingerprint(_publicKey: Uint8Array): string {
  throw new Error('not yet');
}
