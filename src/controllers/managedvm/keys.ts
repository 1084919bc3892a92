import { generateKeyPairSync } from 'node:crypto';
import type { ManagedVM } from '../../api/managedvm.ts';
import { Secret } from '../../api/upstream.ts';
import { keySecretName } from '../../domain/contract/child.ts';
import { textMapAt } from '../../domain/contract/json.ts';
import type { FirstBootKeys } from '../../domain/machine/firstboot/keys.ts';
import { keyStanding, printsOf } from '../../domain/machine/guestkeys.ts';
import type { Observed } from '../../domain/machine/observed.ts';
import { type Ed25519KeyPair, privateKeyPEM, publicKeyLine } from '../../domain/machine/sshkeys.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import type { Reader, ReconcileContext } from '../../runtime/pass/controller.ts';

/** Keys of the Secret in the operator's namespace. */
const FIELDS = {
  providerPrivateKey: 'provider-key',
  providerPublicKey: 'provider-key.pub',
  hostPrivateKey: 'host-key',
  hostPublicKey: 'host-key.pub',
} as const;

/**
 * The key pairs of one ManagedVM: the provider logs in with one, the guest proves itself with the other (design 5).
 * They are made once, kept in the operator's namespace, and never overwritten. Undefined where they are lost, or are not
 * those that the guest was given: then none are made (`keyStanding`). Throws ApiError.
 */
export async function ensureKeys(
  context: ReconcileContext<ManagedVM & KubeObject>,
  namespace: string,
  observed: Observed,
): Promise<FirstBootKeys | undefined> {
  const { object } = context;
  const stored = storedKeys(context.read, object, namespace);
  const standing = keyStanding(stored && printsOf(stored), object, observed);
  if (standing === 'ready') return stored;
  if (standing !== 'new') return undefined;
  return readKeys(await context.createOnce(newKeySecret(object, namespace, secretName(object))));
}

/** The key pairs that the operator's namespace holds for a ManagedVM. */
export function storedKeys(read: Reader, managedVM: ManagedVM, namespace: string): FirstBootKeys | undefined {
  const secret = read.get(Secret, { namespace, name: secretName(managedVM) });
  return secret && readKeys(secret);
}

function secretName({ metadata }: ManagedVM): string {
  return keySecretName(metadata.uid ?? '');
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

/** Undefined where a key is missing: half a set opens nothing. */
function readKeys(secret: KubeObject): FirstBootKeys | undefined {
  const { providerPublicKey, hostPrivateKey, hostPublicKey } = readFields(secret);
  if (!providerPublicKey || !hostPrivateKey || !hostPublicKey) return undefined;
  return { providerPublicKey, hostPrivateKey, hostPublicKey };
}

/** What the guest worker opens a guest with; the host's private key is not among it. */
export type WorkerKeys = {
  readonly providerPrivateKey: string;
  readonly providerPublicKey: string;
  readonly hostPublicKey: string;
};

/** The same Secret as {@link storedKeys}, as the guest worker reads it. Undefined where a key is missing. */
export function readWorkerKeys(secret: unknown): WorkerKeys | undefined {
  const { providerPrivateKey, providerPublicKey, hostPublicKey } = readFields(secret);
  if (!providerPrivateKey || !providerPublicKey || !hostPublicKey) return undefined;
  return { providerPrivateKey, providerPublicKey, hostPublicKey };
}

function readFields(secret: unknown): Partial<Record<keyof typeof FIELDS, string>> {
  const data = textMapAt(secret, 'data');
  const decoded = Object.entries(FIELDS).map(([name, field]) => [
    name,
    Buffer.from(data[field] ?? '', 'base64').toString('utf8'),
  ]);
  return Object.fromEntries(decoded);
}
