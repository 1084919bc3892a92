/** Kubeconfig files that stand alone: no path in them, so they can be copied. */
import { writeFile } from 'node:fs/promises';
import { stringify } from 'yaml';
import type { Credentials } from './certificates.ts';

type User = { readonly token: string } | Pick<Credentials, 'cert' | 'key'>;

const base64 = (text: string) => Buffer.from(text).toString('base64');

/** Writes a kubeconfig for `user` that only its owner may read. */
export async function writeKubeconfig(
  path: string,
  server: string,
  ca: string,
  user: User,
  namespace = 'default',
): Promise<void> {
  const content = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'testbed', cluster: { server, 'certificate-authority-data': base64(ca) } }],
    users: [
      {
        name: 'user',
        user:
          'token' in user
            ? { token: user.token }
            : { 'client-certificate-data': base64(user.cert), 'client-key-data': base64(user.key) },
      },
    ],
    contexts: [{ name: 'testbed', context: { cluster: 'testbed', user: 'user', namespace } }],
    'current-context': 'testbed',
  };
  await writeFile(path, stringify(content), { mode: 0o600 });
}
