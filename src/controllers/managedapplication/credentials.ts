import { createHash, randomBytes } from 'node:crypto';
import type { ManagedApplication } from '../../api/managedapplication.ts';
import { Secret } from '../../api/upstream.ts';
import { type Credentials, credentialsSecretName } from '../../domain/application/children.ts';
import { type Verifiers, verifiersOf } from '../../domain/application/verifiers.ts';
import { textMapAt } from '../../domain/contract/json.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import type { ReconcileContext } from '../../runtime/pass/controller.ts';

export type ApplicationContext = ReconcileContext<ManagedApplication & KubeObject>;

/** What a login is made of, what its product is told of it, and by which hash the status knows it, whatever the product. */
export type Login = { readonly credentials: Credentials; readonly verifiers: Verifiers; readonly hash: string };

/**
 * The login of an application's binding: made once, kept in the namespace of keys, never overwritten. 'lost' where it is not the one that the
 * product was given: then none is made. Throws ApiError.
 */
export async function ensureLogin(context: ApplicationContext, namespace: string): Promise<Login | 'lost'> {
  const { object, read } = context;
  const name = credentialsSecretName(object.metadata.uid ?? '');
  const given = object.status?.credentials?.verifier;
  const stored = loginOf(read.get(Secret, { namespace, name }));
  if (given !== undefined) return stored?.hash === given ? stored : 'lost';
  return stored ?? loginOf(await context.createOnce(newLogin(name, namespace))) ?? 'lost';
}

function newLogin(name: string, namespace: string): KubeObject {
  const encoded = (bytes: Buffer) => Buffer.from(bytes.toString('base64url')).toString('base64');
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace },
    type: 'Opaque',
    immutable: true,
    data: { password: encoded(randomBytes(24)), salt: encoded(randomBytes(16)) },
  };
}

/** A verifier is slow to reckon on purpose, and the cache has the same Secret at each pass. */
const LOGINS = new WeakMap<KubeObject, Login>();

function loginOf(secret: KubeObject | undefined): Login | undefined {
  const known = secret && (LOGINS.get(secret) ?? loginIn(secret));
  if (secret !== undefined && known !== undefined) LOGINS.set(secret, known);
  return known;
}

function loginIn(secret: KubeObject): Login | undefined {
  const data = textMapAt(secret, 'data');
  const [password, salt] = ['password', 'salt'].map(field => Buffer.from(data[field] ?? '', 'base64').toString('utf8'));
  if (!password || !salt) return undefined;
  const verifiers = verifiersOf(password, Buffer.from(salt, 'base64url'));
  // Of the one that has both password and salt in it.
  const hash = `sha256:${createHash('sha256').update(verifiers.PostgreSQL).digest('hex')}`;
  return { credentials: { password, salt }, verifiers, hash };
}
