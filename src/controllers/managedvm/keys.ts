import { generateKeyPairSync } from 'node:crypto';
import type { ManagedVM } from '../../api/managedvm.ts';
import { Secret } from '../../api/upstream.ts';
import { keySecretName } from '../../domain/child.ts';
import type { FirstBootKeys } from '../../domain/firstboot/keys.ts';
import { type Ed25519KeyPair, privateKeyPEM, publicKeyLine } from '../../domain/sshkeys.ts';
import type { ReconcileContext } from '../../runtime/controller.ts';
import type { KubeObject } from '../../runtime/object.ts';

/** Keys of the Secret in the operator's namespace. */
const FIELDS = {
  providerPrivateKey: 'provider-key',
  providerPublicKey: 'provider-key.pub',
  hostPrivateKey: 'host-key',
  hostPublicKey: 'host-key.pub',
} as const;

/**
 * The key pairs of one ManagedVM: the provider logs in with one, the guest proves itself with the other (design 5).
 * They are made once, kept in the operator's namespace, and never overwritten. Throws ApiError.
 */
export async function ensureKeys(
  context: ReconcileContext<ManagedVM & KubeObject>,
  namespace: string,
): Promise<FirstBootKeys> {
  const name = keySecretName(context.object.metadata.uid ?? '');
  const known = context.read.get(Secret, { namespace, name });
  return readKeys(known ?? (await context.createOnce(newKeySecret(context.object, namespace, name))));
}

function newKeySecret(managedVM: ManagedVM, namespace: string, name: string): KubeObject {
  const label = `${managedVM.metadata.name}.${managedVM.metadata.namespace}`;
  const provider = generateKeyPair();
  const host = generateKeyPair();
  const data = {
    [FIELDS.providerPrivateKey]: privateKeyPEM(provider, `steward@${label}`),
    [FIELDS.providerPublicKey]: publicKeyLine(provider.publicKey, `steward@${label}`),
    [FIELDS.hostPrivateKey]: privateKeyPEM(host, label),
    [FIELDS.hostPublicKey]: publicKeyLine(host.publicKey, label),
  };
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace },
    type: 'Opaque',
    immutable: true,
    data: Object.fromEntries(
      Object.entries(data).map(([field, text]) => [field, Buffer.from(text).toString('base64')]),
    ),
  };
}

/** A new ed25519 key pair. */
export function generateKeyPair(): Ed25519KeyPair {
  const { d = '', x = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  return { seed: Buffer.from(d, 'base64url'), publicKey: Buffer.from(x, 'base64url') };
}

function readKeys(secret: KubeObject): FirstBootKeys {
  const data = (secret.data ?? {}) as Readonly<Record<string, string>>;
  const field = (name: string): string => {
    const encoded = data[name];
    if (encoded === undefined) {
      throw new Error(`Secret ${secret.metadata.namespace}/${secret.metadata.name} has no field ${name}`);
    }
    return Buffer.from(encoded, 'base64').toString('utf8');
  };
  return {
    providerPublicKey: field(FIELDS.providerPublicKey),
    hostPrivateKey: field(FIELDS.hostPrivateKey),
    hostPublicKey: field(FIELDS.hostPublicKey),
  };
}
