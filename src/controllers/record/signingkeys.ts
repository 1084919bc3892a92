import { generateKeyPairSync } from 'node:crypto';
import { Secret } from '../../api/upstream.ts';
import { textMapAt } from '../../domain/contract/json.ts';
import type { Keys } from '../../domain/record/pages.ts';
import { type Signer, signerOf } from '../../domain/record/recordkey.ts';
import { isAlreadyExists } from '../../runtime/api/errors.ts';
import { apiVersionOf, type KubeObject } from '../../runtime/api/object.ts';
import type { Transport } from '../../runtime/http/transport.ts';
import { createUncached, getUncached, replaceUncached } from '../../runtime/http/uncached.ts';
import { Stopped } from './stopped.ts';

export const KEY_SECRET = 'steward-record-key';

/**
 * What the Secret holds: `current` signs, `next` will (PEM, PKCS #8). Whoever puts a reason into `rotate` has asked for the next key; who may
 * write this Secret could make another key anyway, so that is no right beside it.
 */
type Content = {
  readonly current?: string | undefined;
  readonly next?: string | undefined;
  readonly rotate?: string | undefined;
};

/** The keys that sign records, in a Secret that only the record writer reads. Made once; a lost one is never made anew. */
export class SigningKeys {
  readonly #transport: Transport;
  readonly #namespace: string;

  constructor(transport: Transport, namespace: string) {
    this.#transport = transport;
    this.#namespace = namespace;
  }

  /**
   * The keys as they are, with a next one where somebody has asked for it. `begun`: whether there are records already, so that a missing key is a lost
   * one. Throws Stopped where a person must decide, ApiError.
   */
  async read(begun: boolean): Promise<Keys> {
    const secret = (await this.#get()) ?? (begun ? undefined : await this.#create());
    if (secret === undefined)
      throw new Stopped('KeyLost', `the Secret ${KEY_SECRET} is gone, and records are signed with its key`);
    const content = contentOf(secret);
    if (content.rotate !== undefined && content.next === undefined)
      return keysOf(contentOf(await this.#replace(secret, { ...content, next: newKey() })));
    return keysOf(content);
  }

  /** The next key takes the place of the current one, whose private half goes: nothing is signed with it any more. Throws ApiError. */
  async rotated({ next }: Keys): Promise<void> {
    const secret = await this.#get();
    if (secret === undefined || next === undefined) return;
    const content = contentOf(secret);
    if (content.next === undefined || signerOf(content.next).id !== next.id) return;
    await this.#replace(secret, { current: content.next });
  }

  #get(): Promise<KubeObject | undefined> {
    return getUncached(this.#transport, Secret, { namespace: this.#namespace, name: KEY_SECRET });
  }

  async #create(): Promise<KubeObject | undefined> {
    const secret = {
      ...{ apiVersion: apiVersionOf(Secret), kind: Secret.kind, type: 'Opaque' },
      metadata: { name: KEY_SECRET, namespace: this.#namespace, labels: { 'app.kubernetes.io/managed-by': 'steward' } },
      data: encoded({ current: newKey() }),
    };
    try {
      return await createUncached(this.#transport, Secret, secret);
    } catch (error) {
      if (isAlreadyExists(error)) return this.#get();
      throw error;
    }
  }

  /** Of the version that was read: of two writers one wins, and the other reads what it has made. */
  #replace(secret: KubeObject, content: Content): Promise<KubeObject> {
    return replaceUncached(this.#transport, Secret, { ...secret, data: encoded(content) });
  }
}

function newKey(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
}

function contentOf(secret: KubeObject): Content {
  const data = textMapAt(secret, 'data');
  const text = (name: string) =>
    Object.hasOwn(data, name) ? Buffer.from(data[name] ?? '', 'base64').toString() : undefined;
  return { current: text('current'), next: text('next'), rotate: text('rotate') };
}

function encoded(content: Content): Record<string, string> {
  const given = Object.entries(content).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(given.map(([name, text]) => [name, Buffer.from(text).toString('base64')]));
}

function keysOf({ current, next, rotate }: Content): Keys {
  const signer = readSigner(current);
  if (signer === undefined) throw new Stopped('KeyLost', `the Secret ${KEY_SECRET} holds no key of ed25519 in current`);
  // A reason is text of a person, in one line and bounded.
  const because = rotate
    ?.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .slice(0, 256);
  return { current: signer, next: readSigner(next), because: because === '' ? undefined : because };
}

function readSigner(pem: string | undefined): Signer | undefined {
  try {
    return pem === undefined ? undefined : signerOf(pem);
  } catch {
    return undefined;
  }
}
