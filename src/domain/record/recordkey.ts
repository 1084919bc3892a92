import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';

/** The public half of a key that signs records. */
export type RecordKey = {
  /** SHA-256 of the public key (DER, SubjectPublicKeyInfo), in hex: what people write down to know it again. */
  readonly id: string;
  /** The public key: DER, SubjectPublicKeyInfo, in base64. */
  readonly publicKey: string;
};

export type Signer = RecordKey & {
  /** Signature (ed25519, RFC 8032, in base64) of the hash of a record, in hex. */
  readonly sign: (hash: string) => string;
};

/** So that nothing else that this key may ever sign can be taken for a record. */
const signedText = (hash: string): Buffer => Buffer.from(`managed.systems record v1 ${hash}`);

/** Reads a private key (PEM, PKCS #8). Throws where it is not one of ed25519. */
export function signerOf(pem: string): Signer {
  const privateKey = createPrivateKey(pem);
  const key = keyOf(createPublicKey(privateKey));
  if (key === undefined) throw new Error('the key is not of ed25519');
  return { ...key, sign: hash => sign(null, signedText(hash), privateKey).toString('base64') };
}

/** A public key as it stands in a record; undefined where it is none of ed25519. */
export function readPublicKey(base64: string): RecordKey | undefined {
  try {
    return keyOf(createPublicKey({ key: Buffer.from(base64, 'base64'), format: 'der', type: 'spki' }));
  } catch {
    return undefined;
  }
}

/** A public key as it stands in a file (PEM); undefined where it is none of ed25519. */
export function readPublicKeyFile(pem: string): RecordKey | undefined {
  try {
    return pem.includes('PRIVATE KEY') ? undefined : keyOf(createPublicKey(pem));
  } catch {
    return undefined;
  }
}

/** The file of a public key (PEM), as `openssl pkey -pubin` reads it. */
export function publicKeyFile({ publicKey }: RecordKey): string {
  const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' });
  return key.export({ format: 'pem', type: 'spki' }).toString();
}

/** Whether the signature of a hash was made with the key, and is written in the one way in which it is. */
export function isSignedBy({ publicKey }: RecordKey, hash: string, signature: string): boolean {
  const bytes = Buffer.from(signature, 'base64');
  if (bytes.toString('base64') !== signature) return false;
  const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' });
  return verify(null, signedText(hash), key, bytes);
}

function keyOf(key: KeyObject): RecordKey | undefined {
  if (key.asymmetricKeyType !== 'ed25519') return undefined;
  const der = key.export({ format: 'der', type: 'spki' });
  return { id: createHash('sha256').update(der).digest('hex'), publicKey: der.toString('base64') };
}
